import { spokenIn } from "@/lib/trace/spokenText"
import { oneLine } from "./showControls"

/**
 * Returns a string as one line for titles and cells. For messages or a request in JSON, returns the text that comes
 * last in them.
 */
export function spokenLine(text: string, maxChars = 400): string {
  return oneLine(spokenIn(text), maxChars)
}
