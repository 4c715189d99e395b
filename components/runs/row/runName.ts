import { strings } from "@/components/runs/strings"
import { oneLine } from "@/components/ui/text/showControls"
import type { RunSummary } from "@/lib/protocol/run"

/** Returns a run's name for the accessible names of its row's controls. */
export function runName(run: RunSummary): string {
  return oneLine(run.intent, 60) || strings.noIntent
}
