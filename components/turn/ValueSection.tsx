"use client"

import { type ReactNode, type RefObject, useCallback, useMemo, useRef, useState } from "react"
import { CopyButton } from "@/components/ui/CopyButton"
import { cx } from "@/components/ui/cx"
import { utf8Bytes } from "@/lib/protocol/bytes"
import { sizeText } from "@/lib/trace/formatNumber"
import type { Format, FormatInput, TextHint } from "./formats/Format"
import { FormatsContext } from "./formats/FormattedValue"
import { formatInput } from "./formats/formatInput"
import { formatsOf } from "./formats/formats"
import { strings } from "./strings"
import type { HitExcerpt } from "./text/hitOffset"
import { isLongText, SHOWN_CHARS } from "./text/textParts"
import { type ValueSource, ValueSourceProvider } from "./text/ValueSource"
import type { FieldCuts } from "./turnCuts"
import { useAutoLoad } from "./useAutoLoad"

/** Values out of view aren't laid out, so that a turn with many long values opens quickly. */
const DEFERRED = "[content-visibility:auto] [contain-intrinsic-size:auto_240px]"
const TEXT_FORMATS = ["text", "terminal", "markdown", "diff"]
const NO_CUTS: FieldCuts = new Map()

export type ValueSectionProps = {
  name: string
  /** The name of the turn's field that the section shows, for finding the section on the page. */
  field?: string
  value: unknown
  hint: TextHint
  /** The value's JSON pointer in its turn. */
  pointer?: string
  cuts?: FieldCuts
  /** Loads the value without cuts. The section then receives it as `value`. */
  loadFull?: () => Promise<unknown>
  /** Why loading failed, if it did. */
  loadError?: string | undefined
  /** The search hit in this value. */
  hit?: HitExcerpt | undefined
  /** Additional controls in the header. */
  children?: ReactNode
}

/**
 * A value in its default format, with a choice of other formats. A long value shows its start and end. The copy button
 * copies the full value.
 */
export function ValueSection(props: ValueSectionProps) {
  const { name, value, hint, pointer, cuts = NO_CUTS, loadFull, loadError, hit } = props
  const section = useRef<HTMLElement>(null)
  const input = useMemo(() => formatInput(value, hint), [value, hint])
  const formats = useMemo(() => formatsOf(input), [input])
  const [chosen, setChosen] = useState<string>()
  const [query, setQuery] = useState("")
  const [expanded, setExpanded] = useState(false)
  const format = formats.find(({ id }) => id === chosen) ?? formats[0]
  const source = useSource({ cuts, loadFull, expanded, setExpanded, hit })
  useAutoLoad(section, value, cuts, source.load)
  const isLong = isLongText(input.text, undefined)
  const isPartly = cuts.size > 0 || (isLong && !expanded && TEXT_FORMATS.includes(format.id))
  const copy = async () => {
    const full = cuts.size > 0 && loadFull !== undefined ? await loadFull() : value
    const whole = full === value ? input : formatInput(full, hint)
    return (formatsOf(whole).find(({ id }) => id === format.id)?.copy ?? textOf)(whole)
  }
  return (
    <section
      ref={section}
      aria-label={name}
      data-field={props.field}
      className={cx("border-b border-line px-3 pb-3", DEFERRED)}
    >
      <header className="flex h-9 items-center gap-1.5">
        <h3 className="min-w-0 truncate text-small font-semibold tracking-wide text-ink-2">{name}</h3>
        <span className="num shrink-0 whitespace-nowrap text-ink-3">{sizeText(fullBytes(input, cuts))}</span>
        <span className="flex-1" />
        {props.children}
        {format.id === "json" ? <JsonSearch value={query} onChange={setQuery} /> : null}
        {formats.length > 1 ? <FormatPicker formats={formats} format={format} onChange={setChosen} /> : null}
        <CopyButton text={copy} label={strings.value.copy} />
      </header>
      {isPartly || isLong ? (
        <CutNotice
          input={input}
          cuts={cuts}
          onShowAll={isPartly ? source.expand : undefined}
          section={section}
        />
      ) : null}
      {loadError === undefined ? null : (
        <p role="alert" className="mb-2 text-failure">
          {strings.value.loadFailed(loadError)}
        </p>
      )}
      <ValueSourceProvider source={source}>
        <FormatsContext value={formatsOf}>
          <format.Body input={input} pointer={pointer} query={query} />
        </FormatsContext>
      </ValueSourceProvider>
    </section>
  )
}

function textOf(input: FormatInput): string {
  return input.text
}

type SourceOptions = {
  cuts: FieldCuts
  loadFull: (() => Promise<unknown>) | undefined
  expanded: boolean
  setExpanded: (expanded: boolean) => void
  hit: HitExcerpt | undefined
}

function useSource({ cuts, loadFull, expanded, setExpanded, hit }: SourceOptions): ValueSource {
  const load = useCallback(() => void loadFull?.(), [loadFull])
  return useMemo(
    () => ({
      cutAt: (pointer) => (pointer === undefined ? undefined : cuts.get(pointer)),
      expanded,
      isAsked: expanded,
      expand() {
        setExpanded(true)
        if (cuts.size > 0) load()
      },
      load,
      hit,
    }),
    [cuts, expanded, setExpanded, load, hit],
  )
}

/** Returns the size of the uncut value. */
function fullBytes(input: FormatInput, cuts: FieldCuts): number {
  const cutBytes = [...cuts.values()].reduce((sum, { bytes }) => sum + bytes, 0)
  if (typeof input.value === "string" && cutBytes > 0) return cutBytes
  return utf8Bytes(input.text) + cutBytes
}

type CutNoticeProps = {
  input: FormatInput
  cuts: FieldCuts
  /** Undefined if the whole value is shown. */
  onShowAll: (() => void) | undefined
  section: RefObject<HTMLElement | null>
}

/** Shows how much of a long value is visible, with ways to see the rest and the end. */
function CutNotice({ input, cuts, onShowAll, section }: CutNoticeProps) {
  const all = sizeText(fullBytes(input, cuts))
  const isText = typeof input.value === "string"
  const [cut] = cuts.values()
  const shown = cut === undefined ? SHOWN_CHARS : utf8Bytes(input.text) + utf8Bytes(cut.tail)
  const partText =
    isText || cut === undefined
      ? strings.value.shownOf(sizeText(shown), all)
      : strings.value.cutValues(cuts.size, all)
  return (
    <p
      className={cx(
        "num mb-2 flex flex-wrap items-center gap-x-3 border-l-2 pl-2 text-ink-2",
        onShowAll === undefined ? "border-line-strong" : "border-waiting",
      )}
    >
      {onShowAll === undefined ? strings.value.allOf(all) : partText}
      {onShowAll === undefined ? null : <TextButton onClick={onShowAll}>{strings.value.showAll}</TextButton>}
      <TextButton onClick={() => scrollToEnd(section.current)}>{strings.value.toEnd}</TextButton>
    </p>
  )
}

export function TextButton({ onClick, children }: { onClick: () => void; children: string }) {
  return (
    <button
      type="button"
      onClick={onClick}
      className="rounded-small font-medium text-accent hover:underline disabled:opacity-60"
    >
      {children}
    </button>
  )
}

/** Scrolls to the end of an element, and again once newly visible content has been laid out. */
export function scrollToEnd(element: Element | null): void {
  const scroll = () => element?.scrollIntoView({ block: "end" })
  scroll()
  requestAnimationFrame(() => requestAnimationFrame(scroll))
}

function JsonSearch({ value, onChange }: { value: string; onChange: (query: string) => void }) {
  return (
    <input
      type="search"
      aria-label={strings.value.search}
      placeholder={strings.value.searchPlaceholder}
      value={value}
      onChange={(event) => onChange(event.target.value)}
      className="num h-6 w-24 min-w-10 shrink-[9] rounded-small border border-line bg-bg px-1.5 focus:w-40"
    />
  )
}

type FormatPickerProps = { formats: readonly Format[]; format: Format; onChange: (id: string) => void }

function FormatPicker({ formats, format, onChange }: FormatPickerProps) {
  return (
    <select
      aria-label={strings.value.format}
      value={format.id}
      onChange={(event) => onChange(event.target.value)}
      className="num h-6 shrink-0 rounded-small border border-line bg-bg px-1 text-ink-2"
    >
      {formats.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </select>
  )
}
