"use client"

import { useEffect, useRef, useState } from "react"
import { useTurnBody } from "@/lib/live/hooks/useTurnBody"
import type { RunTurn } from "@/lib/protocol/turn"
import { CopyTurnMenu } from "./copy/CopyTurnMenu"
import { ErrorSection } from "./ErrorSection"
import { OmittedSection, RawSection } from "./moreSections"
import { SectionNav } from "./SectionNav"
import { strings } from "./strings"
import { TurnDetails } from "./TurnDetails"
import { TurnHead } from "./TurnHead"
import { cutsOf, omittedFields } from "./turnCuts"
import { turnSections } from "./turnSections"
import { type FullTurn, useFullTurn } from "./useFullTurn"
import { type TurnHit, topField, useScrollToHit } from "./useScrollToHit"
import { ValueSection } from "./ValueSection"

export type TurnInspectorProps = {
  runId: string
  index: number
  /** The URL of this turn. */
  link: () => string
  /** The search hit to scroll to. */
  hit?: TurnHit | undefined
}

/** A complete turn: prompt, call, result and cost. */
export function TurnInspector({ runId, index, link, hit }: TurnInspectorProps) {
  const body = useTurnBody(runId, index)
  const full = useFullTurn(runId, index)
  const scroller = useRef<HTMLDivElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: scrolls to the top when the turn changes
  useEffect(() => {
    scroller.current?.scrollTo(0, 0)
  }, [runId, index])
  const turn = body.state === "turn" ? body.turn : undefined
  useScrollToHit({ scroller, turn, hit, load: full.load })
  return (
    <section aria-label={strings.turn(index)} className="flex h-full min-h-0 flex-col">
      <TurnHead index={index} turn={turn}>
        <CopyTurnMenu runId={runId} turn={turn} loadFull={full.load} link={link} />
      </TurnHead>
      <div ref={scroller} className="min-h-0 flex-1 overflow-x-hidden overflow-y-auto overscroll-contain">
        {turn === undefined ? null : (
          <TurnSections key={`${runId}/${index}`} turn={turn} full={full} hit={hit} />
        )}
        {body.state === "loading" ? <Loading /> : null}
        {body.state === "error" ? (
          <p role="alert" className="p-3 text-failure">
            {strings.loadFailed(body.error.message)}
          </p>
        ) : null}
      </div>
    </section>
  )
}

type TurnSectionsProps = { turn: RunTurn; full: FullTurn; hit: TurnHit | undefined }

function TurnSections({ turn, full, hit }: TurnSectionsProps) {
  const sections = turnSections(turn)
  const omitted = omittedFields(turn)
  const names = [
    ...(turn.error === undefined ? [] : [strings.sections.error]),
    ...sections.map((section) => section.name),
    ...omitted.map(({ field }) => field),
    strings.sections.details,
    strings.sections.raw,
  ]
  const loadError = typeof full.state === "object" ? full.state.error.message : undefined
  return (
    <>
      <SectionNav names={names} />
      {turn.error === undefined ? null : (
        <ErrorSection turn={turn} error={turn.error} full={full} hit={hitIn(hit, "error")} />
      )}
      {sections.map(({ field, name, value, hint }) => (
        <ValueSection
          key={field}
          name={name}
          field={field}
          value={value}
          hint={hint}
          pointer={`/${field}`}
          cuts={cutsOf(turn, field)}
          loadFull={async () => (await full.load())?.[field]}
          loadError={cutsOf(turn, field).size > 0 ? loadError : undefined}
          hit={hitIn(hit, field)}
        />
      ))}
      {omitted.map(({ field, bytes }) => (
        <OmittedSection key={field} field={field} bytes={bytes} full={full} />
      ))}
      <TurnDetails turn={turn} />
      <RawSection turn={turn} full={full} />
    </>
  )
}

/** Returns the hit if it is in this field, or in a part of it: `output`, `output.stderr`. */
function hitIn(hit: TurnHit | undefined, field: string): TurnHit | undefined {
  return hit !== undefined && topField(hit) === field ? hit : undefined
}

/** Appears only if loading takes a while, so that it doesn't flicker. */
function Loading() {
  const [shown, setShown] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), 200)
    return () => clearTimeout(timer)
  }, [])
  return shown ? <p className="p-3 text-ink-3">{strings.loading}</p> : null
}
