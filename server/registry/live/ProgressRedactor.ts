import { keepEnd } from "@/lib/protocol/bytes"
import type { ProgressInput } from "@/lib/protocol/commands"
import { LIMITS } from "@/lib/protocol/limits"
import type { Progress } from "@/lib/protocol/run"
import type { Redactor } from "@/server/redact/Redactor"
import { mergeProgress } from "./mergeProgress"

/**
 * How much text before the published part is kept, so that a secret is still detected after its start has been cut off.
 */
const MARGIN_BYTES = 8 * 1024

/**
 * Redacts progress. Text may arrive in pieces, and a secret may be split between them, so the joined text is redacted
 * each time it is published.
 */
export class ProgressRedactor {
  readonly #redactor: Redactor
  #last: { progress: Progress; shown: Progress } | undefined

  constructor(redactor: Redactor) {
    this.#redactor = redactor
  }

  /** Like `mergeProgress`. Redacts all fields except `text`, and keeps more of `text`. */
  merge(known: Progress, report: ProgressInput): Progress {
    const { text, text_delta, ...others } = report
    const safe: ProgressInput = this.#redactor.value(others)
    if (text !== undefined) safe.text = text
    if (text_delta !== undefined) safe.text_delta = text_delta
    return mergeProgress(known, safe, LIMITS.progressTextBytes + MARGIN_BYTES)
  }

  /** Returns merged progress for publishing: without secrets and without the start of a possible secret. */
  shown(progress: Progress): Progress {
    if (progress.text === undefined) return progress
    if (this.#last?.progress === progress) return this.#last.shown
    const text = this.#redactor.openText(progress.text)
    const shown = { ...progress, text: keepEnd(text, LIMITS.progressTextBytes) }
    this.#last = { progress, shown }
    return shown
  }
}
