import { oneLine } from "@/components/ui/text/showControls"
import type { RunSummary } from "@/lib/protocol/run"

const MAX_LABELS = 8

/** A run's labels. */
export function LabelsCell({ run }: { run: RunSummary }) {
  const labels = Object.entries(run.labels).map(([key, value]) => oneLine(`${key}=${value}`, 60))
  return (
    <span className="truncate text-ink-3" title={labels.join("\n")}>
      {labels.slice(0, MAX_LABELS).join(" · ")}
    </span>
  )
}
