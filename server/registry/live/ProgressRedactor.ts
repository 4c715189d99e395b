import type { ProgressInput } from "@/lib/protocol/commands"
import { LIMITS } from "@/lib/protocol/limits"
import type { Progress } from "@/lib/protocol/run"
import { keepEnd } from "@/lib/trace/cutText"
import type { Redactor } from "@/server/redact/Redactor"
import { mergeProgress } from "./mergeProgress"

/** How much text is kept before what is shown, so that a secret is still detected after its beginning has scrolled out. */
const MARGIN_BYTES = 8 * 1024

/**
 * Takes secrets out of progress. A text comes in pieces, and a secret in it may, too: the pieces are joined as they came, and
 * searched whenever they are published.
 */
export class ProgressRedactor {
  readonly #redactor: Redactor
  #last: { progress: Progress; shown: Progress } | undefined

  constructor(redactor: Redactor) {
    this.#redactor = redactor
  }

  /** As `mergeProgress`; in what comes back only `text` may hold secrets, and some more of it is kept. */
  merge(known: Progress, report: ProgressInput): Progress {
    const { text, text_delta, ...others } = report
    const safe: ProgressInput = this.#redactor.value(others)
    if (text !== undefined) safe.text = text
    if (text_delta !== undefined) safe.text_delta = text_delta
    return mergeProgress(known, safe, LIMITS.progressTextBytes + MARGIN_BYTES)
  }

  /** What may be published of merged progress: without secrets, nor the beginning of what may become one. */
  shown(progress: Progress): Progress {
    if (progress.text === undefined) return progress
    if (this.#last?.progress === progress) return this.#last.shown
    const text = this.#redactor.openText(progress.text)
    const shown = { ...progress, text: keepEnd(text, LIMITS.progressTextBytes) }
    this.#last = { progress, shown }
    return shown
  }
}
