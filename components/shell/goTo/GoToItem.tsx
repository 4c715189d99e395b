"use client"

import { Command } from "cmdk"
import { ArrowRight, Bot, CornerDownLeft, Zap } from "lucide-react"
import { strings } from "@/components/shell/strings"
import { StateMark } from "@/components/ui/state/StateMark"
import { WallTime } from "@/components/ui/WallTime"
import { useLive } from "@/lib/live/LiveProvider"
import type { RunSummary } from "@/lib/protocol/run"
import { runState } from "@/lib/trace/state/runState"
import { totalCostText } from "@/lib/trace/turnTotals"
import type { GoToOption } from "./goToOptions"

/** One entry of the Go to dialog and of the run picker. */
export function GoToItem({ option, onSelect }: { option: GoToOption; onSelect: () => void }) {
  return (
    <Command.Item
      value={option.key}
      onSelect={onSelect}
      className="group flex h-row cursor-pointer items-center gap-2 rounded-small px-3 aria-selected:bg-selected"
    >
      <span className="flex w-32 shrink-0 items-center gap-1.5 text-ink-3 max-sm:w-5 max-sm:overflow-hidden">
        <OptionMark option={option} />
      </span>
      <span className="min-w-0 flex-1 truncate">{option.label}</span>
      <span className="num max-w-40 truncate text-ink-3">{option.hint}</span>
      {option.kind === "run" && option.run !== undefined ? <RunNumbers run={option.run} /> : null}
      <CornerDownLeft
        className="invisible size-3.5 shrink-0 text-ink-3 group-aria-selected:visible max-sm:hidden"
        aria-hidden="true"
      />
    </Command.Item>
  )
}

function OptionMark({ option }: { option: GoToOption }) {
  const live = useLive()
  if (option.kind === "run" && option.run !== undefined) {
    return <StateMark state={runState(option.run, live.serverNow())} />
  }
  const Icon = option.kind === "agent" ? Bot : option.kind === "action" ? Zap : ArrowRight
  const word = option.kind === "run" ? "" : strings.goTo[option.kind]
  return (
    <>
      <Icon className="size-3.5 shrink-0" aria-hidden="true" />
      <span className="max-sm:sr-only">{word}</span>
    </>
  )
}

/** Numbers that distinguish runs with the same intent. */
function RunNumbers({ run }: { run: RunSummary }) {
  return (
    <span className="num flex shrink-0 gap-3 text-ink-3 max-sm:hidden">
      <span className="w-20 text-right">{strings.turns(run.cursor)}</span>
      <span className="w-16 text-right">{totalCostText(run.totals) ?? "–"}</span>
      <WallTime at={run.started_at} className="w-16 text-right" />
    </span>
  )
}
