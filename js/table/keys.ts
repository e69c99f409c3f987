// Which key goes where. Arrows and J/K step, Home and End jump, Page keys leap.

export type Move = { step: number } | { edge: "first" | "last" } | { pages: number };

export function moveOf(
  event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey">,
): Move | undefined {
  if (event.ctrlKey || event.metaKey || event.altKey) return undefined;
  switch (event.key) {
    case "ArrowDown":
    case "j":
    case "J":
      return { step: 1 };
    case "ArrowUp":
    case "k":
    case "K":
      return { step: -1 };
    case "Home":
      return { edge: "first" };
    case "End":
      return { edge: "last" };
    case "PageDown":
      return { pages: 1 };
    case "PageUp":
      return { pages: -1 };
    default:
      return undefined;
  }
}

/** The row a move leads to, in the order shown; it stops at the ends. */
export function target(
  order: readonly number[],
  selected: number | null,
  move: Move,
  pageRows = 10,
): number | null {
  if (order.length === 0) return null;
  const last = order.length - 1;
  if ("edge" in move) return order[move.edge === "first" ? 0 : last] ?? null;
  const step = "step" in move ? move.step : move.pages * Math.max(1, pageRows - 1);
  const at = selected === null ? -1 : order.indexOf(selected);
  if (at < 0) return order[step > 0 ? 0 : last] ?? null;
  return order[Math.min(last, Math.max(0, at + step))] ?? null;
}
