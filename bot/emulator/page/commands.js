// Commands and shortcuts of the app, and the reasons why they fail.
import { post } from "./api.js";
import { emit, state } from "./state.js";
import { showLocalMessage } from "./store.js";

const REASONS = {
  operation_timeout:
    "The app did not answer within 3 seconds: it is not running, or still busy. What you asked may or may not have been done.",
  dispatch_failed: "The app could not be reached, or answered with an error.",
  no_connection: "The local workspace does not answer. Is it still running?",
  messages_tab_disabled: "Sending messages to this app has been turned off.",
  not_in_channel: "You are not in this channel.",
  is_archived: "This channel is archived.",
  file_too_large: "The file is too large.",
};

/** The error's name stays in it, so that a developer can search for it. */
export const reasonFor = (error) => `${REASONS[error] ?? "Slack refused it."} (${error ?? "unknown_error"})`;

/** Slackbot reports a failure, only to this person. */
export async function runCommand(channel, command, text) {
  if (!state.commands.some((one) => one.command === command)) {
    showLocalMessage(
      channel,
      `\`${command}\` is not a valid command. In Slack, all messages that start with the “/” character are interpreted as commands.\nTo send it as a message, put a space before the slash.`,
    );
    return false;
  }
  const outcome = await post("/ui/command", { as: state.as, channel, command, text });
  if (!outcome.ok)
    showLocalMessage(
      channel,
      `\`${command}\` failed with the error “${outcome.error}”. ${REASONS[outcome.error] ?? ""}`,
    );
  return outcome.ok;
}

/** In a thread Slack refuses every command. */
export const refuseInThread = (channel, thread, command) =>
  showLocalMessage(channel, `\`${command}\` is not supported in threads. Sorry!`, thread);

export async function runShortcut(shortcut, about = {}) {
  const outcome = await post("/ui/shortcut", { as: state.as, callback_id: shortcut.callback_id, ...about });
  if (!outcome.ok) emit("failed", { what: shortcut.name, error: outcome.error });
}
