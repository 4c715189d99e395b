"use client"

import { ArrowRight, Bot, CornerDownLeft, Zap } from "lucide-react"
import { useEffect, useRef } from "react"
import { StateMark } from "@/components/ui/StateMark"
import { useLive } from "@/lib/live/LiveProvider"
import { runState } from "@/lib/trace/state/runState"
import type { GoToOption } from "./goToOptions"

export type GoToRowProps = {
  id: string
  option: GoToOption
  chosen: boolean
  onChoose: () => void
  onGo: () => void
}

export function GoToRow({ id, option, chosen, onChoose, onGo }: GoToRowProps) {
  const row = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (chosen) row.current?.scrollIntoView({ block: "nearest" })
  }, [chosen])
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the combobox that owns the list has the keyboard
    <div
      ref={row}
      id={id}
      role="option"
      tabIndex={-1}
      aria-selected={chosen}
      onPointerMove={onChoose}
      onClick={onGo}
      className="flex h-row items-center gap-2 rounded-small px-3 aria-selected:bg-selected"
    >
      <span className="flex w-32 shrink-0 items-center gap-1.5 text-ink-3 max-sm:w-5 max-sm:overflow-hidden">
        <OptionMark option={option} />
      </span>
      <span className="min-w-0 flex-1 truncate">{option.label}</span>
      <span className="num max-w-40 truncate text-ink-3">{option.hint}</span>
      <CornerDownLeft className={`size-3.5 text-ink-3 ${chosen ? "" : "invisible"}`} aria-hidden="true" />
    </div>
  )
}

function OptionMark({ option }: { option: GoToOption }) {
  const live = useLive()
  if (option.kind === "run" && option.run !== undefined) {
    return <StateMark state={runState(option.run, live.serverNow())} />
  }
  const Icon = option.kind === "agent" ? Bot : option.kind === "action" ? Zap : ArrowRight
  return (
    <>
      <Icon className="size-3.5" aria-hidden="true" />
      <span className="max-sm:sr-only">{option.kind}</span>
    </>
  )
}
