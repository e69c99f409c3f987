// Entry point of the viewer widget: the pixels belong to the model, everything else to a view.

import { ImageSource } from "./image_source";
import type { Model } from "./protocol";
import css from "./styles.css";
import { Viewer } from "./viewer";

function addStyles(el: HTMLElement): void {
  const root = el.getRootNode();
  const home = root instanceof ShadowRoot ? root : document.head;
  if (home.querySelector("style[data-cloudscope-viewer]")) return;
  const style = document.createElement("style");
  style.dataset["cloudscopeViewer"] = "";
  style.textContent = css;
  home.append(style);
}

// called once per model: its views share the tiles
export default () => {
  let source: ImageSource | undefined;
  return {
    initialize({ model }: { model: Model }): () => void {
      const made = new ImageSource(model);
      source = made;
      return () => made.dispose();
    },
    render({ model, el }: { model: Model; el: HTMLElement }): () => void {
      source ??= new ImageSource(model);
      const viewer = new Viewer(model, source);
      el.append(viewer.root);
      addStyles(el);
      viewer.invalidate();
      return () => viewer.dispose();
    },
  };
};
