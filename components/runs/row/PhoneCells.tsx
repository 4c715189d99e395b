// biome-ignore-all lint/a11y/useSemanticElements: see GridRow
// biome-ignore-all lint/a11y/useFocusableInteractive: see GridRow
"use client"

import { LiveStateMark } from "@/components/runs/cells/LiveStateMark"
import { failureText, NowCell, WhyLine } from "@/components/runs/cells/NowCell"
import { ErrorsCell, TimeCell } from "@/components/runs/cells/numberCells"
import { strings } from "@/components/runs/strings"
import { oneLine } from "@/components/ui/text/showControls"
import { totalCostText } from "@/lib/trace/turnTotals"
import { FoldButton } from "./FoldButton"
import { IntentLink } from "./IntentLink"
import type { CellsProps } from "./RowProps"
import { SelectBox } from "./SelectBox"

const INDENT_PX = 12
const MAX_INDENT = 3

/** The agent's name is only cut short to make room for activity, if there is any. */
const AGENT = "max-w-24 shrink-0 truncate has-[+:empty]:max-w-none has-[+:empty]:shrink"

/**
 * The cells of a row on two lines: state, intent, errors and cost; agent, activity, and time. A run in trouble has a
 * third line with its last error. In the row of a failed run, the error replaces the agent.
 */
export function PhoneCells({ run, section, depth, isUnfolded, hit, query, isSelected }: CellsProps) {
  const isTrouble = section === "trouble"
  const showsAgent = hit !== undefined || failureText(run) === ""
  return (
    <div
      className="flex h-full min-w-0 items-center pr-10 pl-4"
      style={{ marginLeft: Math.min(depth, MAX_INDENT) * INDENT_PX }}
    >
      <span role="gridcell" className="run-phone-select self-start pt-1.5 pr-1">
        <SelectBox run={run} isSelected={isSelected} />
      </span>
      <div className="flex min-w-0 flex-1 flex-col justify-center">
        <div className="flex h-6 min-w-0 items-center gap-2">
          <span role="gridcell" className="flex shrink-0 items-center">
            <LiveStateMark run={run} bare />
          </span>
          <span role="gridcell" className="flex min-w-0 flex-1 items-center">
            {run.child_count > 0 ? <FoldButton run={run} isUnfolded={isUnfolded} /> : null}
            <IntentLink run={run} turn={hit?.index} />
          </span>
          <span role="gridcell" className="flex shrink-0 empty:hidden">
            {run.totals.errors > 0 ? <PhoneErrors run={run} /> : null}
          </span>
          <span role="gridcell" className="flex shrink-0 empty:hidden">
            <PhoneCost run={run} />
          </span>
        </div>
        <div className="flex h-5 min-w-0 items-center gap-2 text-small text-ink-3">
          <span role="gridcell" className={showsAgent ? AGENT : "sr-only"}>
            {oneLine(run.agent_name ?? run.agent_id, 60)}
          </span>
          <span role="gridcell" className="flex min-w-0 flex-1">
            <NowCell run={run} hit={hit} query={query} isNarrow isWhyBelow={isTrouble} />
          </span>
          <span role="gridcell" className="flex shrink-0">
            <TimeCell run={run} />
          </span>
        </div>
        {isTrouble ? (
          <div role="gridcell" className="flex h-5 min-w-0 items-center text-small">
            <WhyLine run={run} />
          </div>
        ) : null}
      </div>
    </div>
  )
}

function PhoneCost({ run }: Pick<CellsProps, "run">) {
  const cost = totalCostText(run.totals)
  return cost === undefined ? null : <span className="num text-ink-2">{cost}</span>
}

function PhoneErrors({ run }: Pick<CellsProps, "run">) {
  return (
    <span className="num flex items-center gap-0.5 text-error">
      <span aria-hidden="true">✗</span>
      <ErrorsCell run={run} />
      <span className="sr-only">{strings.grid.columns.errors}</span>
    </span>
  )
}
