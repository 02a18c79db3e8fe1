// The address of a picture in a block.
import { safeUrl } from "../dom.js";
import { state } from "../state.js";

/** An outside address, or a file of this workspace, which opens only for those who see its block. */
export function pictureUrl({ image_url, slack_file }) {
  if (!slack_file) return safeUrl(image_url ?? "");
  const id = slack_file.id ?? /\/files\/(F[A-Z0-9]+)\//.exec(slack_file.url ?? "")?.[1];
  return id ? `/ui/file/${id}?as=${encodeURIComponent(state.as)}` : null;
}
