"use client"

import { useMemo } from "react"
import { strings } from "@/components/compare/strings"
import { DiffText } from "@/components/turn/formats/diff/DiffText"
import { LoadFullNotice } from "@/components/turn/LoadFullNotice"
import { useTurnBody } from "@/lib/live/hooks/useTurnBody"
import type { RunTurn } from "@/lib/protocol/turn"
import { costText, countText, durationText } from "@/lib/trace/formatNumber"
import { turnCost } from "@/lib/trace/turnCost"
import { differentFields } from "./differentFields"

export type PairDifferenceProps = { runA: string; runB: string; a: number; b: number }

/** The differences between two turns, field by field. */
export function PairDifference({ runA, runB, a, b }: PairDifferenceProps) {
  const [bodyA, bodyB] = [useTurnBody(runA, a), useTurnBody(runB, b)]
  const failed = [bodyA, bodyB].find((body) => body.state === "error")
  if (failed?.state === "error") {
    return (
      <p role="alert" className="p-3 text-failure">
        {strings.pair.failed(failed.error.message)}
      </p>
    )
  }
  if (bodyA.state !== "turn" || bodyB.state !== "turn")
    return <p className="skeleton p-3 text-ink-3">{strings.pair.loading}</p>
  return <Fields runA={runA} runB={runB} a={bodyA.turn} b={bodyB.turn} />
}

type FieldsProps = { runA: string; runB: string; a: RunTurn; b: RunTurn }

function Fields({ runA, runB, a, b }: FieldsProps) {
  const { different, same } = useMemo(() => differentFields(a, b), [a, b])
  return (
    <section
      aria-label={strings.pair.difference}
      className="min-h-0 flex-1 overflow-x-hidden overflow-y-auto overscroll-contain"
    >
      <p className="num flex flex-wrap gap-x-4 border-b border-line px-3 py-1.5 text-ink-2">
        {numbersOf(a, b).map(([name, text]) => (
          <span key={name}>
            <span className="text-ink-3">{name}</span> {text}
          </span>
        ))}
        <span>
          {same.length === 0 ? strings.pair.noneIdentical : strings.pair.identical(same.join(", "))}
        </span>
      </p>
      {different.length === 0 ? <p className="p-3 text-ink-2">{strings.pair.equal}</p> : null}
      {different.map(({ field, name, diff }) => (
        <section key={field} aria-label={name} className="border-b border-line px-3 pb-3">
          <h3 className="flex h-8 items-center text-small font-semibold tracking-wide text-ink-2">{name}</h3>
          <LoadFullNotice runId={runA} turn={a} field={field} />
          <LoadFullNotice runId={runB} turn={b} field={field} />
          <DiffText text={diff} pointer={undefined} />
        </section>
      ))}
    </section>
  )
}

function numbersOf(a: RunTurn, b: RunTurn): [name: string, text: string][] {
  const tokens = ({ usage }: RunTurn) =>
    usage === undefined ? undefined : (usage.input_tokens ?? 0) + (usage.output_tokens ?? 0)
  const numbers: [string, number | undefined, number | undefined, (value: number) => string][] = [
    [strings.pair.duration, a.duration_ms, b.duration_ms, durationText],
    [strings.pair.tokens, tokens(a), tokens(b), countText],
    [strings.pair.cost, turnCost(a), turnCost(b), costText],
  ]
  return numbers.flatMap(([name, inA, inB, text]) => {
    if (inA === undefined && inB === undefined) return []
    const shown = [inA, inB].map((value) => (value === undefined ? "–" : text(value)))
    return [[name, `${shown[0]} → ${shown[1]}`]]
  })
}
