"use client"

import { Paperclip, Wrench } from "lucide-react"
import type { ReactNode } from "react"
import type { TextHint } from "@/components/turn/formats/Format"
import { FormattedValue } from "@/components/turn/formats/FormattedValue"
import { Picture } from "@/components/turn/formats/image/Picture"
import { childPath } from "@/components/turn/formats/json/findInJson"
import { strings } from "@/components/turn/strings"
import { Marked } from "@/components/turn/text/Marked"
import { oneLine } from "@/components/ui/text/showControls"
import { sizeText } from "@/lib/trace/formatNumber"
import { type Block, otherFields } from "./Block"
import { BlockValue } from "./BlockValue"
import { ErrorMark } from "./ErrorMark"
import { OtherFields } from "./OtherFields"
import { useShown } from "./useShown"

type BlockViewProps = { block: Block; hint: TextHint; pointer: string | undefined }

/** One block by type, with its other fields below. */
export function BlockView({ block, hint, pointer }: BlockViewProps) {
  const isNamed = (block.kind === "call" || block.kind === "result") && block.name !== undefined
  const idKey = isNamed ? CALL_IDS.find((key) => typeof block.extra[key] === "string") : undefined
  const id = idKey === undefined ? undefined : String(block.extra[idKey])
  return (
    <>
      <BlockBody block={block} hint={hint} pointer={pointer} id={id} />
      <OtherFields
        fields={idKey === undefined ? block.extra : otherFields(block.extra, [idKey])}
        pointer={pointerAt(pointer, block.path)}
      />
    </>
  )
}

/** Keys of the id that links a call and its result. */
const CALL_IDS = ["call_id", "tool_call_id", "tool_use_id", "toolCallId", "toolUseId", "callId", "id"]

type BlockBodyProps = BlockViewProps & {
  /** The id of a call, or of the call that a result belongs to. */
  id: string | undefined
}

function BlockBody({ block, hint, pointer, id }: BlockBodyProps): ReactNode {
  switch (block.kind) {
    case "text": {
      const text = (
        <BlockValue
          value={block.text}
          lines={block.lines}
          hint={hint}
          pointer={pointerAt(pointer, block.textPath)}
        />
      )
      if (block.stream === undefined) return text
      return (
        <div className="border-l-2 border-error/60 pl-2">
          <p className="num text-small text-ink-3">{oneLine(block.stream, 40)}</p>
          {text}
        </div>
      )
    }
    case "thinking":
      // Some providers encrypt the thinking, so there is no text to show.
      if (block.text === "") return <Label>{strings.blocks.noThinking}</Label>
      return (
        <details className="text-ink-2">
          <summary className="cursor-pointer text-ink-3">{strings.blocks.thinking}</summary>
          <FormattedValue value={block.text} hint="prose" pointer={pointerAt(pointer, block.textPath)} />
        </details>
      )
    case "image":
      return <Picture picture={block.picture} pointer={pointerAt(pointer, block.path)} />
    case "call":
      return (
        <div className="flex flex-col gap-1">
          <Label icon={<Wrench className="size-3.5" aria-hidden="true" />} id={id}>
            {block.name}
          </Label>
          {block.args === undefined ? null : (
            <BlockValue
              value={block.args}
              lines={block.lines}
              hint="output"
              pointer={pointerAt(pointer, block.argsPath)}
            />
          )}
        </div>
      )
    case "result":
      return <Result block={block} pointer={pointer} id={id} />
    case "file":
      return (
        <div className="flex flex-col gap-1">
          <Label icon={<Paperclip className="size-3.5" aria-hidden="true" />}>
            {[
              ...[block.name, block.type, block.link === block.name ? undefined : block.link],
              block.bytes === undefined ? undefined : sizeText(block.bytes),
              block.isPicture ? strings.blocks.notLoaded : undefined,
            ]
              .filter(Boolean)
              .join(" · ")}
          </Label>
          {block.description === undefined ? null : (
            <FormattedValue
              value={block.description}
              hint="prose"
              pointer={pointerAt(pointer, block.descriptionPath)}
            />
          )}
        </div>
      )
    case "value":
      return <FormattedValue value={block.value} hint={hint} pointer={pointerAt(pointer, block.path)} />
  }
}

/** More blocks than these are rendered on request. */
const BLOCKS = 200

type ResultProps = {
  block: Block & { kind: "result" }
  pointer: string | undefined
  id: string | undefined
}

function Result({ block, pointer, id }: ResultProps) {
  const { shown, more } = useShown(block.blocks, BLOCKS)
  return (
    <div className="flex flex-col gap-1">
      {block.name === undefined ? null : <Label id={id}>{strings.blocks.resultOf(block.name)}</Label>}
      {block.isError ? <ErrorMark /> : null}
      {shown.map((inner, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: blocks are identified by their order; the value never changes
        <BlockView key={at} block={inner} hint="output" pointer={pointer} />
      ))}
      {more}
    </div>
  )
}

type LabelProps = { icon?: ReactNode; id?: string | undefined; children: string }

function Label({ icon, id, children }: LabelProps) {
  return (
    <p className="num flex items-center gap-1.5 font-medium text-ink-2">
      {icon}
      <span dir="ltr" className="wrap-anywhere">
        <Marked text={oneLine(children, 800)} />
      </span>
      {id === undefined ? null : (
        <span dir="ltr" className="min-w-0 truncate text-small font-normal text-ink-3">
          <Marked text={oneLine(id, 120)} />
        </span>
      )}
    </p>
  )
}

/** Returns the JSON pointer of a path in the value at `pointer`. */
export function pointerAt(
  pointer: string | undefined,
  path: readonly string[] | undefined,
): string | undefined {
  return pointer === undefined ? undefined : path?.reduce(childPath, pointer)
}
