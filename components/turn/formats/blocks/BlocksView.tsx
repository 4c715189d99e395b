"use client"

import type { TextHint } from "@/components/turn/formats/Format"
import { cx } from "@/components/ui/cx"
import { oneLine } from "@/components/ui/text/showControls"
import type { Message } from "./Block"
import { BlockView, pointerAt } from "./BlockView"
import { ErrorMark } from "./ErrorMark"
import { OtherFields } from "./OtherFields"
import { useShown } from "./useShown"

export type BlocksViewProps = {
  messages: readonly Message[]
  hint: TextHint
  pointer: string | undefined
}

/** Content blocks by type: text, images, calls and results. Other fields are listed below. */
export function BlocksView({ messages, hint, pointer }: BlocksViewProps) {
  const isOneAnswer = messages.filter(({ role }) => role !== undefined).length === 1
  const { shown, more } = useShown(messages, MESSAGES)
  return (
    <div className="flex flex-col gap-3">
      {shown.map((message) => (
        <MessageView
          key={message.path.join("/")}
          message={message}
          // The author of a response is already shown above it.
          role={isOneAnswer && ANSWERING.includes(message.role ?? "") ? undefined : message.role}
          hint={message.role === undefined ? hint : isToolRole(message.role) ? "output" : "prose"}
          pointer={pointer}
        />
      ))}
      {more}
    </div>
  )
}

/** More messages or blocks than these are rendered on request. */
const MESSAGES = 100
const BLOCKS = 200

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
  const { shown, more } = useShown(blocks, BLOCKS)
  return (
    <div className={cx("flex flex-col gap-2", role !== undefined && "border-l-2 border-line-strong pl-3")}>
      {role === undefined ? null : (
        <p className="num text-small font-semibold text-ink-2">{oneLine(role, 40)}</p>
      )}
      {isError ? <ErrorMark /> : null}
      {shown.map((block, at) => (
        <BlockView
          // biome-ignore lint/suspicious/noArrayIndexKey: blocks are identified by their order; the value never changes
          key={at}
          block={block}
          hint={hint}
          pointer={pointer}
        />
      ))}
      {more}
      <OtherFields fields={extra} pointer={pointerAt(pointer, message.path)} />
    </div>
  )
}
