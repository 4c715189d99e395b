"use client"

import { ChevronRight } from "lucide-react"
import { type ReactNode, useState } from "react"
import { printJson } from "@/components/turn/formats/chooseFormat"
import { ShowMore } from "@/components/turn/formats/ShowMore"
import { cx } from "@/components/ui/cx"
import { oneLine } from "@/components/ui/text/showControls"
import { exactNumber } from "@/lib/protocol/exactNumbers"
import { childPath, describeBranch } from "./findInJson"
import { JsonLeaf } from "./JsonLeaf"
import { JsonTools } from "./JsonTools"

const CHILDREN = 100
/** Branches this near the root are open at first, if they are small. */
const OPEN_DEPTH = 2
const OPEN_CHILDREN = 40

export type JsonNodeProps = { name: string | undefined; value: unknown; path: string; depth: number }

/** One place of a JSON tree; a branch draws its children when it is opened. */
export function JsonNode({ name, value, path, depth }: JsonNodeProps) {
  if (typeof value === "object" && value !== null) {
    return <JsonBranch name={name} value={value} path={path} depth={depth} />
  }
  const text = () => exactNumber(value) ?? String(value)
  return (
    <Line depth={depth} tools={<JsonTools path={path} value={text} />}>
      <span className="w-4 shrink-0" />
      {name === undefined ? null : <Name name={name} />}
      <JsonLeaf value={value} />
    </Line>
  )
}

function JsonBranch({ name, value, path, depth }: JsonNodeProps & { value: object }) {
  const size = Array.isArray(value) ? value.length : Object.keys(value).length
  const [open, setOpen] = useState(depth < OPEN_DEPTH && size <= OPEN_CHILDREN)
  const [count, setCount] = useState(CHILDREN)
  return (
    <>
      <Line depth={depth} tools={<JsonTools path={path} value={() => printJson(value)} />}>
        <button
          type="button"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
          className="flex min-w-0 items-center text-left"
        >
          <ChevronRight
            className={cx("size-4 shrink-0 p-0.5 text-ink-3 transition-transform", open && "rotate-90")}
          />
          {name === undefined ? null : <Name name={name} />}
          <span className="text-ink-3">{describeBranch(value)}</span>
        </button>
      </Line>
      {open
        ? entriesOf(value, count).map(([key, child]) => (
            <JsonNode key={key} name={key} value={child} path={childPath(path, key)} depth={depth + 1} />
          ))
        : null}
      {open ? (
        <ShowMore left={size - count} unit="entries" onMore={() => setCount(count + CHILDREN * 5)} />
      ) : null}
    </>
  )
}

function entriesOf(value: object, count: number): [string, unknown][] {
  if (Array.isArray(value)) return value.slice(0, count).map((child, at) => [String(at), child])
  return Object.entries(value).slice(0, count)
}

function Name({ name }: { name: string }) {
  return <span className="mr-2 shrink-0 text-ink-2">{oneLine(name, 120) || '""'}:</span>
}

function Line({ depth, tools, children }: { depth: number; tools: ReactNode; children: ReactNode }) {
  return (
    <div
      className="group relative flex min-h-5 flex-wrap items-start rounded-small py-0.5 hover:bg-hover"
      style={{ paddingLeft: Math.min(depth, 16) * 14 }}
    >
      {children}
      {tools}
    </div>
  )
}
