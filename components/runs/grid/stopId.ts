/** The DOM id of a row or header that the keyboard can be at, for `aria-activedescendant`. */
export function stopId(stop: string): string {
  return `stop-${stop.replace(/\s/g, "-")}`
}
