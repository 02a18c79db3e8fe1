// Modals: the top view of the person's stack, with its errors, its loading state and what was typed in each view.
import { post } from "./api.js";
import { drawBlocks, showErrors } from "./blocks.js";
import { $, fill, h, iconButton, uid } from "./dom.js";
import { reason } from "./deeds.js";
import { closeMenu } from "./popup.js";
import { emit, on, state } from "./state.js";
import { problems, Surface } from "./surface.js";

const surfaces = new Map();
let dialog = null,
  returnFocus = null;

export function startModals() {
  on("views", draw);
}

const top = () => state.views.at(-1);

/** Shows the top view; views below wait with everything typed in them. */
function draw() {
  const view = top();
  for (const id of surfaces.keys()) if (!state.views.some((one) => one.id === id)) surfaces.delete(id);
  if (!view) return shut();
  if (!dialog) open();
  const held = surfaceOf(view);
  if (dialog.dataset.view !== view.id) turn(view, held);
  words(view);
  drawBlocks(held.root, view.blocks, held);
}

function surfaceOf(view) {
  if (!surfaces.has(view.id)) {
    const surface = new Surface({ type: "view", view_id: view.id }, view.state?.values ?? {});
    surface.root = h("div", { class: "blocks" });
    surface.onwrite = (block) => clearError(surface, block);
    surfaces.set(view.id, surface);
  }
  return surfaces.get(view.id);
}

/** Touching a field takes its complaint away. */
function clearError(surface, block) {
  if (!surface.errors?.[block.block_id]) return;
  delete surface.errors[block.block_id];
  const node = surface.root.querySelector(`[data-block="${CSS.escape(block.block_id)}"]`);
  node?.classList.remove("wrong");
  node?.querySelectorAll("[aria-invalid]").forEach((control) => control.removeAttribute("aria-invalid"));
  if (node) fill(node.querySelector(".error"));
}

function open() {
  returnFocus = document.activeElement;
  closeMenu();
  const title = uid("modal-title");
  dialog = h(
    "dialog",
    {
      class: "dialog modal",
      "data-testid": "modal",
      "aria-labelledby": title,
      oncancel: (event) => {
        event.preventDefault();
        close();
      },
    },
    h(
      "form",
      {
        novalidate: true,
        onsubmit: (event) => {
          event.preventDefault();
          submit();
        },
      },
      h(
        "header",
        { class: "modal-head" },
        h("h1", { id: title, dir: "auto" }),
        iconButton("close", "Close", { onclick: () => close(true) }),
      ),
      h("div", { class: "modal-body" }),
      h("div", { class: "modal-problem", role: "alert" }),
      h("footer", { class: "dialog-buttons" }),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
}

function turn(view, held) {
  dialog.dataset.view = view.id;
  fill($(".modal-body", dialog), held.root);
  fill($(".modal-problem", dialog));
  busy(false);
  drawBlocks(held.root, view.blocks, held);
  $(".modal-body", dialog).scrollTop = 0;
  (
    held.root.querySelector("input:not([type=file]),textarea,button,[tabindex='0']") ??
    $(".dialog-buttons .primary", dialog) ??
    $(".modal-head button", dialog)
  ).focus();
}

function words(view) {
  fill($("h1", dialog), view.title?.text ?? "");
  const back = state.views.length > 1;
  const shutWords = view.close?.text ?? (view.submit ? "Cancel" : "Close");
  const submitButton = view.submit
    ? h("button", { type: "submit", class: "button primary", dir: "auto" }, view.submit.text)
    : null;
  const footer = $(".dialog-buttons", dialog);
  const key = `${shutWords}|${view.submit?.text}|${back}`;
  if (footer.dataset.key === key) return;
  footer.dataset.key = key;
  fill(
    footer,
    h("button", { type: "button", class: "button", dir: "auto", onclick: () => close() }, shutWords),
    submitButton,
  );
}

function shut() {
  if (!dialog) return;
  dialog.close();
  dialog.remove();
  dialog = null;
  if (document.contains(returnFocus)) returnFocus.focus();
  if (document.activeElement === document.body) emit("focus-lost");
}

/** Closes the top view, as Cancel and Escape do; the x in the corner closes everything below it too. */
async function close(everything = false) {
  const view = top();
  if (!view) return shut();
  state.views = everything ? [] : state.views.slice(0, -1);
  draw();
  await post("/ui/close", { as: state.as, view_id: view.id, everything });
}

async function submit() {
  const view = top();
  const surface = surfaces.get(view.id);
  if (!view.submit || dialog.getAttribute("aria-busy") === "true") return;
  const own = problems(surface, view.blocks);
  if (Object.keys(own).length) return complain(surface, own);
  busy(true);
  fill($(".modal-problem", dialog));
  const outcome = await post("/ui/submit", { as: state.as, view_id: view.id, state: surface.state(view.blocks) });
  if (dialog) busy(false);
  if (Object.keys(outcome.errors ?? {}).length) complain(surface, outcome.errors);
  else if (!outcome.ok) trouble(view, `We had some trouble connecting. Try again? ${reason(outcome.error)}`);
}

function complain(surface, errors) {
  surface.errors = { ...errors };
  showErrors(surface.root, errors);
  const homeless = Object.entries(errors).filter(
    ([id]) => !surface.root.querySelector(`.input-block[data-block="${CSS.escape(id)}"]`),
  );
  if (homeless.length) trouble(top(), homeless.map(([, text]) => text).join(" "));
}

/** A failure of the whole form stays in the form, with everything typed. */
function trouble(view, text) {
  if (dialog && top()?.id === view.id) fill($(".modal-problem", dialog), text);
}

function busy(on) {
  dialog.setAttribute("aria-busy", String(on));
  $(".dialog-buttons .primary", dialog)?.setAttribute("aria-disabled", String(on));
}
