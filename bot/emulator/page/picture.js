// Where the picture of a block comes from.
import { safeUrl } from "./dom.js";
import { state } from "./state.js";

/** An outside address, or a file of this workspace, which only opens for who sees the block in which it stands. */
export function pictureUrl({ image_url, slack_file }) {
  if (!slack_file) return safeUrl(image_url ?? "");
  const id = slack_file.id ?? /\/files\/(F[A-Z0-9]+)\//.exec(slack_file.url ?? "")?.[1];
  return id ? `/ui/file/${id}?as=${encodeURIComponent(state.as)}` : null;
}
