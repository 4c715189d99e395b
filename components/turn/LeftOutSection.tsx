import { sizeText } from "@/lib/timeline/formatNumber"
import { LoadWhole } from "./CutNotice"

export type LeftOutSectionProps = { runId: string; index: number; field: string; bytes: number }

/** Stands for a value that was too large to come along at all. */
export function LeftOutSection({ runId, index, field, bytes }: LeftOutSectionProps) {
  return (
    <section aria-label={field} className="border-b border-line px-3 pt-2 pb-3">
      <h3 className="text-small font-semibold text-ink-2">{field}</h3>
      <p className="flex flex-wrap items-center gap-x-2 border-l-2 border-waiting pl-2 text-ink-2">
        Not shown: <span className="num">{sizeText(bytes)}</span>.
        <LoadWhole runId={runId} index={index} />
      </p>
    </section>
  )
}
