"use client"

import { ChevronRight } from "lucide-react"
import { type ReactNode, useState } from "react"
import { ShowMore } from "@/components/turn/formats/ShowMore"
import { Marked } from "@/components/turn/text/Marked"
import { cx } from "@/components/ui/cx"
import { oneLine } from "@/components/ui/text/showControls"
import { stripAnsi } from "@/lib/trace/stripAnsi"
import { childPath, describeBranch, isBranchValue } from "./findInJson"
import { JsonLeaf } from "./JsonLeaf"
import { JsonTools } from "./JsonTools"
import { isNumeric, leafText, printJson } from "./parseJson"

const CHILDREN = 100
/** Small branches near the root are initially expanded. */
const EXPANDED_DEPTH = 2
const EXPANDED_CHILDREN = 40

export type JsonNodeProps = {
  name: string | undefined
  value: unknown
  /** The JSON pointer within the displayed value. */
  path: string
  /** The JSON pointer of the displayed value within the turn. */
  base: string | undefined
  depth: number
  /** True if the whole value is small, so that all of it is initially expanded. */
  isSmall: boolean
}

/** One value of a JSON tree. */
export function JsonNode({ name, value, path, base, depth, isSmall }: JsonNodeProps) {
  if (isBranchValue(value))
    return <JsonBranch name={name} value={value} path={path} base={base} depth={depth} isSmall={isSmall} />
  return (
    <Line depth={depth} tools={<JsonTools path={path} value={() => leafText(value)} />}>
      <span className="w-4 shrink-0" />
      {name === undefined ? null : <Name name={name} />}
      <JsonLeaf value={value} pointer={base === undefined ? undefined : base + path} />
    </Line>
  )
}

function JsonBranch({ name, value, path, base, depth, isSmall }: JsonNodeProps & { value: object }) {
  const size = Array.isArray(value) ? value.length : Object.keys(value).length
  const [open, setOpen] = useState(isSmall || (depth < EXPANDED_DEPTH && size <= EXPANDED_CHILDREN))
  const [count, setCount] = useState(CHILDREN)
  return (
    <>
      <Line depth={depth} tools={<JsonTools path={path} value={() => printJson(value)} />}>
        <button
          type="button"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
          className="flex max-w-full min-w-0 items-center text-left"
        >
          <ChevronRight
            className={cx("size-4 shrink-0 p-0.5 text-ink-3 transition-transform", open && "rotate-90")}
          />
          {name === undefined ? null : <Name name={name} />}
          <span className="shrink-0 text-ink-3">{describeBranch(value)}</span>
          {open ? null : <Preview value={value} />}
        </button>
      </Line>
      {open
        ? entriesOf(value, count).map(([key, child]) => (
            <JsonNode
              key={key}
              name={key}
              value={child}
              path={childPath(path, key)}
              base={base}
              depth={depth + 1}
              isSmall={isSmall}
            />
          ))
        : null}
      {open ? (
        <ShowMore left={size - count} unit="entries" onMore={() => setCount(count + CHILDREN * 5)} />
      ) : null}
    </>
  )
}

const PREVIEW_ENTRIES = 4
const PREVIEW_CHARS = 120

/** The first values of a collapsed branch, as many as fit on its line. */
function Preview({ value }: { value: object }) {
  const isList = Array.isArray(value)
  const parts = entriesOf(value, PREVIEW_ENTRIES).flatMap(([key, child]) => {
    if (isBranchValue(child)) return isList ? [] : [`${key}: ${describeBranch(child)}`]
    return [isList ? shortLeaf(child) : `${key}: ${shortLeaf(child)}`]
  })
  if (parts.length === 0) return null
  return (
    <bdi className="ml-2 min-w-0 truncate text-ink-3">
      <Marked text={oneLine(parts.join(", "), PREVIEW_CHARS * 2)} />
    </bdi>
  )
}

function shortLeaf(value: unknown): string {
  if (typeof value !== "string" || isNumeric(value)) return leafText(value)
  return `"${oneLine(stripAnsi(value.slice(0, PREVIEW_CHARS)), PREVIEW_CHARS)}"`
}

function entriesOf(value: object, count: number): [string, unknown][] {
  if (Array.isArray(value)) return value.slice(0, count).map((child, at) => [String(at), child])
  return Object.entries(value).slice(0, count)
}

function Name({ name }: { name: string }) {
  return (
    <span className="mr-2 shrink-0 text-ink-2">
      <Marked text={oneLine(name, 120) || '""'} />:
    </span>
  )
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
