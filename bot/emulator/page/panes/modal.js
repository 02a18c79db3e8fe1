// Modals: the top view of the person's stack, with its errors, its loading state and what was typed in each view.
import { post } from "../api.js";
import { drawBlocks, showErrors } from "../blocks/blocks.js";
import { $, fill, h, iconButton, uniqueId } from "../dom.js";
import { reasonFor } from "../commands.js";
import { closeMenu } from "../popup.js";
import { emit, on, state } from "../state.js";
import { formErrors, Surface } from "../blocks/surface.js";

const surfaces = new Map();
let dialog = null,
  returnFocus = null;

export function startModals() {
  on("views", drawTopView);
}

const topView = () => state.views.at(-1);

/** Shows the top view; views below wait with everything typed in them. */
function drawTopView() {
  const view = topView();
  for (const id of surfaces.keys()) if (!state.views.some((one) => one.id === id)) surfaces.delete(id);
  if (!view) return closeDialog();
  if (!dialog) openDialog();
  const surface = surfaceOf(view);
  if (dialog.dataset.view !== view.id) showView(view, surface);
  drawWords(view);
  drawBlocks(surface.root, view.blocks, surface);
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

/** A change of a field removes its error. */
function clearError(surface, block) {
  if (!surface.errors?.[block.block_id]) return;
  delete surface.errors[block.block_id];
  const node = surface.root.querySelector(`[data-block="${CSS.escape(block.block_id)}"]`);
  node?.classList.remove("wrong");
  node?.querySelectorAll("[aria-invalid]").forEach((control) => control.removeAttribute("aria-invalid"));
  if (node) fill(node.querySelector(".error"));
}

function openDialog() {
  returnFocus = document.activeElement;
  closeMenu();
  const title = uniqueId("modal-title");
  dialog = h(
    "dialog",
    {
      class: "dialog modal",
      "data-testid": "modal",
      "aria-labelledby": title,
      oncancel: (event) => {
        event.preventDefault();
        closeView();
      },
    },
    h(
      "form",
      {
        novalidate: true,
        onsubmit: (event) => {
          event.preventDefault();
          submitView();
        },
      },
      h(
        "header",
        { class: "modal-head" },
        h("h1", { id: title, dir: "auto" }),
        iconButton("close", "Close", { onclick: () => closeView(true) }),
      ),
      h("div", { class: "modal-body" }),
      h("div", { class: "modal-problem", role: "alert" }),
      h("footer", { class: "dialog-buttons" }),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
}

function showView(view, surface) {
  dialog.dataset.view = view.id;
  fill($(".modal-body", dialog), surface.root);
  fill($(".modal-problem", dialog));
  setBusy(false);
  drawBlocks(surface.root, view.blocks, surface);
  $(".modal-body", dialog).scrollTop = 0;
  (
    surface.root.querySelector("input:not([type=file]),textarea,button,[tabindex='0']") ??
    $(".dialog-buttons .primary", dialog) ??
    $(".modal-head button", dialog)
  ).focus();
}

function drawWords(view) {
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
    h("button", { type: "button", class: "button", dir: "auto", onclick: () => closeView() }, shutWords),
    submitButton,
  );
}

function closeDialog() {
  if (!dialog) return;
  dialog.close();
  dialog.remove();
  dialog = null;
  if (document.contains(returnFocus)) returnFocus.focus();
  if (document.activeElement === document.body) emit("focus-lost");
}

/** Closes the top view, as Cancel and Escape do; the x in the corner closes everything below it too. */
async function closeView(everything = false) {
  const view = topView();
  if (!view) return closeDialog();
  state.views = everything ? [] : state.views.slice(0, -1);
  drawTopView();
  await post("/ui/close", { as: state.as, view_id: view.id, everything });
}

async function submitView() {
  const view = topView();
  const surface = surfaces.get(view.id);
  if (!view.submit || dialog.getAttribute("aria-busy") === "true") return;
  const own = formErrors(surface, view.blocks);
  if (Object.keys(own).length) return showFieldErrors(surface, own);
  setBusy(true);
  fill($(".modal-problem", dialog));
  const outcome = await post("/ui/submit", { as: state.as, view_id: view.id, state: surface.state(view.blocks) });
  if (dialog) setBusy(false);
  if (Object.keys(outcome.errors ?? {}).length) showFieldErrors(surface, outcome.errors);
  else if (!outcome.ok) showProblem(view, `We had some trouble connecting. Try again? ${reasonFor(outcome.error)}`);
}

function showFieldErrors(surface, errors) {
  surface.errors = { ...errors };
  showErrors(surface.root, errors);
  const homeless = Object.entries(errors).filter(
    ([id]) => !surface.root.querySelector(`.input-block[data-block="${CSS.escape(id)}"]`),
  );
  if (homeless.length) showProblem(topView(), homeless.map(([, text]) => text).join(" "));
}

/** A failure of the whole form stays in the form, with everything typed. */
function showProblem(view, text) {
  if (dialog && topView()?.id === view.id) fill($(".modal-problem", dialog), text);
}

function setBusy(on) {
  dialog.setAttribute("aria-busy", String(on));
  $(".dialog-buttons .primary", dialog)?.setAttribute("aria-disabled", String(on));
}
