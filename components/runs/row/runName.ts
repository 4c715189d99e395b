import { strings } from "@/components/runs/strings"
import { spokenLine } from "@/components/ui/text/spokenLine"
import type { RunSummary } from "@/lib/protocol/run"

/** Returns a run's name for the accessible names of its row's controls. */
export function runName(run: RunSummary): string {
  return spokenLine(run.intent, 60) || strings.noIntent
}
