/** Returns the DOM id of a row or header that can be active, for `aria-activedescendant`. */
export function stopId(stop: string): string {
  return `stop-${stop.replace(/\s/g, "-")}`
}
