/** Moves the focus to the turns, unless it is in a field, so that keys such as PageUp act on them. */
export function focusTurns(): void {
  const { activeElement } = document
  if (activeElement?.matches("input, textarea, select")) return
  const turns = document.querySelector<HTMLElement>("[data-turns]")
  if (turns !== null && !turns.contains(activeElement)) turns.focus({ preventScroll: true })
}
