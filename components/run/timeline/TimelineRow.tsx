// biome-ignore-all lint/a11y/useSemanticElements: rows of a virtual grid are positioned individually, which table rows can't be
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus and names the selected row; rows are mounted and unmounted while scrolling
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the page's keyboard shortcuts do what a click does
"use client"

import { ChevronRight } from "lucide-react"
import { memo } from "react"
import { strings } from "@/components/run/strings"
import { RowTitle } from "@/components/turn/RowTitle"
import { Marked } from "@/components/turn/text/Marked"
import { cx } from "@/components/ui/cx"
import { KindMark } from "@/components/ui/state/KindMark"
import { oneLine } from "@/components/ui/text/showControls"
import { useOutline } from "@/lib/live/hooks/useFollowedRun"
import type { TurnOutline } from "@/lib/protocol/turn"
import type { TimeAxis } from "@/lib/timeline/axis/timeAxis"
import { costText, countText, durationText } from "@/lib/trace/formatNumber"
import type { BindLane } from "./axis/createAxisView"
import { isSameText } from "./isSameText"
import type { RowData } from "./rowData"
import { TimelineBar } from "./TimelineBar"
import styles from "./timeline.module.css"

const TEXT = strings.timeline

export type TimelineRowProps = Omit<RowData, "indices"> & {
  runId: string
  index: number
  depth: number
  axis: TimeAxis
  bindLane: BindLane
  selected: boolean
  /** True if one of the row's turns has a search hit. */
  isHit: boolean
  /** True if the turn's child runs are expanded; undefined if it has none. */
  childrenExpanded: boolean | undefined
  onSelect: (runId: string, index: number) => void
  onToggleChildren: (runId: string, index: number) => void
  onToggleRepeat: (index: number) => void
}

/** One turn, or several repeated ones. Re-renders only when its own data or the axis changes. */
export const TimelineRow = memo(function TimelineRow(props: TimelineRowProps) {
  const { runId, index, depth, axis, bindLane, selected, isHit, turns, lastIndex, onSelect } = props
  const outline = useOutline(runId, index)
  const last = useOutline(runId, lastIndex)
  const isExpanded =
    props.childrenExpanded ?? (props.repeats === undefined ? undefined : props.repeatExpanded)
  return (
    <div
      role="row"
      id={rowId(runId, index)}
      data-turn-index={index}
      data-turn-run={runId}
      data-kind={outline?.kind}
      data-error={outline?.error}
      data-exit={outline?.exit_code || undefined}
      data-failures={props.cycleFailures || undefined}
      data-repeat={turns > 1 ? turns : undefined}
      data-hit={isHit || undefined}
      aria-selected={selected}
      aria-level={depth + 1}
      aria-expanded={isExpanded}
      onClick={() => onSelect(runId, index)}
      className={cx(
        styles.grid,
        "relative h-full cursor-default border-b border-line/60 select-none",
        selected ? "bg-selected" : "hover:bg-hover",
      )}
    >
      {outline?.error || props.cycleFailures > 0 ? (
        <span className="absolute inset-y-0 left-0 w-0.5 bg-error" />
      ) : null}
      {isHit ? (
        <span className="absolute top-1/2 left-1 size-1.5 -translate-y-1/2 rounded-full bg-waiting" />
      ) : null}
      <span role="gridcell" className="num pr-2 text-right text-ink-3">
        {index}
      </span>
      <span role="gridcell" title={outline?.kind} className="flex items-center">
        {outline === undefined ? null : <KindMark kind={outline.kind} bare />}
      </span>
      <span role="gridcell" className="flex h-full min-w-0 items-center gap-1.5">
        <RowControls {...props} />
        {outline === undefined ? (
          <span className="h-2 w-40 max-w-full rounded-small bg-line" />
        ) : (
          <RowText {...props} outline={outline} />
        )}
      </span>
      <span ref={bindLane} role="gridcell" className={styles.lane}>
        {outline === undefined ? null : <TimelineBar outline={outline} last={last} axis={axis} />}
      </span>
      <span role="gridcell" className="num pr-2 text-right text-ink-2">
        {outline?.error ? <span className="pr-1 text-error">✗</span> : null}
        {props.durationMs === undefined ? null : durationText(props.durationMs)}
      </span>
      <span role="gridcell" className="num pr-3 text-right text-ink-3">
        {props.tokens === undefined ? null : countText(props.tokens)}
      </span>
      <span role="gridcell" className={cx("num text-ink-3", styles.cost)}>
        {props.costUsd === undefined ? null : `${props.isCostEstimated ? "≈" : ""}${costText(props.costUsd)}`}
      </span>
      <span role="gridcell" title={outline?.model} className={cx("num text-ink-3", styles.model)}>
        {outline?.model === undefined ? null : oneLine(outline.model, 60)}
      </span>
    </div>
  )
})

/** The indentation of child runs, and the buttons that expand child runs and repeated turns. */
function RowControls(props: TimelineRowProps) {
  const { runId, index, depth, childrenExpanded, turns, repeats, repeatExpanded } = props
  return (
    <>
      {depth === 0 ? null : (
        <span
          className="mr-1 h-full shrink-0 border-l border-kind-agent/60"
          style={{ marginLeft: depth * 16 - 10 }}
        />
      )}
      {childrenExpanded === undefined ? null : (
        <ExpandButton
          isExpanded={childrenExpanded}
          label={childrenExpanded ? TEXT.collapseChildren : TEXT.expandChildren}
          onClick={() => props.onToggleChildren(runId, index)}
        />
      )}
      {repeats === undefined || depth > 0 ? null : (
        <ExpandButton
          isExpanded={repeatExpanded}
          label={repeatExpanded ? TEXT.collapseRepeat(turns) : TEXT.expandRepeat(turns)}
          onClick={() => props.onToggleRepeat(index)}
        />
      )}
    </>
  )
}

type ExpandButtonProps = { isExpanded: boolean; label: string; onClick: () => void }

function ExpandButton({ isExpanded, label, onClick }: ExpandButtonProps) {
  return (
    <button
      type="button"
      tabIndex={-1}
      aria-label={label}
      onClick={(event) => {
        event.stopPropagation()
        onClick()
      }}
      className="-ml-1 flex size-5 shrink-0 items-center justify-center text-ink-3 hover:text-ink"
    >
      <ChevronRight className={cx("size-3.5 transition-transform", isExpanded && "rotate-90")} />
    </button>
  )
}

/** The title, how often the turns repeat, and errors. */
function RowText(props: TimelineRowProps & { outline: TurnOutline }) {
  const { outline, cycleTitle, turns, repeats } = props
  return (
    <>
      {cycleTitle === undefined ? (
        <RowTitle outline={outline} />
      ) : (
        <span className="num min-w-0 truncate" title={cycleTitle}>
          {cycleTitle}
        </span>
      )}
      {turns === 1 || repeats === undefined ? null : (
        <span className="num shrink-0 rounded-small bg-line px-1 font-medium text-ink">
          {TEXT.times(repeats)}
        </span>
      )}
      {cycleTitle === undefined ? <TurnFailures {...props} /> : <CycleFailures {...props} />}
    </>
  )
}

/** The exit code and the error of a turn, or of several equal turns. */
function TurnFailures({ outline }: { outline: TurnOutline }) {
  const { error_text: errorText, exit_code: exitCode, title } = outline
  return (
    <>
      {exitCode === undefined || exitCode === 0 ? null : <Failure text={TEXT.exit(exitCode)} />}
      {errorText === undefined || isSameText(errorText, title) ? null : <ErrorLine text={errorText} />}
    </>
  )
}

/** How many turns of a folded cycle failed, and the first error. */
function CycleFailures({ cycleFailures, cycleError }: TimelineRowProps) {
  return (
    <>
      {cycleFailures === 0 ? null : <Failure text={TEXT.failed(cycleFailures)} />}
      {cycleError === undefined ? null : <ErrorLine text={cycleError} />}
    </>
  )
}

function Failure({ text }: { text: string }) {
  return <span className="num shrink-0 font-medium text-failure">{text}</span>
}

function ErrorLine({ text }: { text: string }) {
  return (
    <span className="min-w-[40%] flex-1 truncate text-error" title={text}>
      <bdi>
        <Marked text={oneLine(text)} />
      </bdi>
    </span>
  )
}

/** Returns the DOM id of a turn's row. The grid refers to the selected row by this id. */
export function rowId(runId: string, index: number): string {
  return `turn-${runId}-${index}`
}
