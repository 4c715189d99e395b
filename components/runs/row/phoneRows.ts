import type { RunSection } from "@/lib/trace/state/runSection"

const ROW_PX = 56
const TROUBLE_ROW_PX = 76

/** Returns the height of a section's rows on a phone. Runs in trouble have a third line, which says what went wrong. */
export function phoneRowPx(section: RunSection | undefined): number {
  return section === "trouble" ? TROUBLE_ROW_PX : ROW_PX
}
