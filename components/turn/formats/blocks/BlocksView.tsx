"use client"

import { CircleAlert, Paperclip, Wrench } from "lucide-react"
import type { ReactNode } from "react"
import type { TextHint } from "@/components/turn/formats/Format"
import { FormattedValue } from "@/components/turn/formats/FormattedValue"
import { Picture } from "@/components/turn/formats/image/Picture"
import { childPath } from "@/components/turn/formats/json/findInJson"
import { strings } from "@/components/turn/strings"
import { Marked } from "@/components/turn/text/Marked"
import { cx } from "@/components/ui/cx"
import { oneLine } from "@/components/ui/text/showControls"
import { sizeText } from "@/lib/trace/formatNumber"
import { type Block, type Message, otherFields } from "./Block"
import { BlockValue } from "./BlockValue"
import { OtherFields } from "./OtherFields"

export type BlocksViewProps = {
  messages: readonly Message[]
  hint: TextHint
  pointer: string | undefined
}

/** Content blocks by type: text, images, calls and results. Other fields are listed below. */
export function BlocksView({ messages, hint, pointer }: BlocksViewProps) {
  const isOneAnswer = messages.filter(({ role }) => role !== undefined).length === 1
  return (
    <div className="flex flex-col gap-3">
      {messages.map((message) => (
        <MessageView
          key={message.path.join("/")}
          message={message}
          // The author of a response is already shown above it.
          role={isOneAnswer && ANSWERING.includes(message.role ?? "") ? undefined : message.role}
          hint={message.role === undefined ? hint : isToolRole(message.role) ? "output" : "prose"}
          pointer={pointer}
        />
      ))}
    </div>
  )
}

const ANSWERING = ["assistant", "model", "ai"]

function isToolRole(role: string): boolean {
  return role === "tool" || role === "function"
}

type MessageViewProps = {
  message: Message
  /** The role that is shown. */
  role: string | undefined
  hint: TextHint
  pointer: string | undefined
}

function MessageView({ message, role, hint, pointer }: MessageViewProps) {
  const { isError, blocks, extra } = message
  return (
    <div className={cx("flex flex-col gap-2", role !== undefined && "border-l-2 border-line-strong pl-3")}>
      {role === undefined ? null : (
        <p className="num text-small font-semibold text-ink-2">{oneLine(role, 40)}</p>
      )}
      {isError ? <ErrorMark /> : null}
      {blocks.map((block, at) => (
        <BlockView
          // biome-ignore lint/suspicious/noArrayIndexKey: blocks are identified by their order; the value never changes
          key={at}
          block={block}
          hint={hint}
          pointer={pointer}
        />
      ))}
      <OtherFields fields={extra} pointer={pointerAt(pointer, message.path)} />
    </div>
  )
}

function ErrorMark() {
  return (
    <p className="num flex items-center gap-1 font-medium text-error">
      <CircleAlert className="size-3.5" aria-hidden="true" />
      {strings.blocks.error}
    </p>
  )
}

type BlockViewProps = { block: Block; hint: TextHint; pointer: string | undefined }

function BlockView({ block, hint, pointer }: BlockViewProps) {
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
      return (
        <div className="flex flex-col gap-1">
          {block.name === undefined ? null : <Label id={id}>{strings.blocks.resultOf(block.name)}</Label>}
          {block.isError ? <ErrorMark /> : null}
          {block.blocks.map((inner, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: blocks are identified by their order; the value never changes
            <BlockView key={at} block={inner} hint="output" pointer={pointer} />
          ))}
        </div>
      )
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

function pointerAt(pointer: string | undefined, path: readonly string[] | undefined): string | undefined {
  return pointer === undefined ? undefined : path?.reduce(childPath, pointer)
}
