"use client"

import { Circle, CircleCheck, CircleDot, CircleSlash } from "lucide-react"
import { OtherFields } from "@/components/turn/formats/blocks/OtherFields"
import { JsonTree } from "@/components/turn/formats/json/JsonTree"
import { Marked } from "@/components/turn/text/Marked"
import { cx } from "@/components/ui/cx"
import { showControls } from "@/components/ui/text/showControls"
import type { Todo, TodoState, Todos } from "./readTodos"

export type TodoViewProps = { todos: Todos; pointer: string | undefined }

/** Tasks with a mark for their state. Their other fields are listed below. */
export function TodoView({ todos: { items, details, rest }, pointer }: TodoViewProps) {
  return (
    <div className="flex flex-col gap-2">
      {Object.keys(rest).length === 0 ? null : <JsonTree value={rest} query="" pointer={pointer} />}
      <ul className="flex flex-col gap-1">
        {items.map((todo, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: tasks are identified by their order; the value never changes
          <TodoItem key={at} todo={todo} />
        ))}
      </ul>
      {details.length === 0 ? null : <OtherFields fields={byKey(details)} pointer={undefined} />}
    </div>
  )
}

/** Groups the other fields of all tasks by name. */
function byKey(details: Todos["details"]): Record<string, unknown[]> {
  const keys = [...new Set(details.flatMap((fields) => Object.keys(fields)))]
  return Object.fromEntries(keys.map((key) => [key, details.map((fields) => fields[key] ?? null)]))
}

const MARKS: Record<TodoState, { Mark: typeof Circle; className: string; text: string }> = {
  done: { Mark: CircleCheck, className: "text-success", text: "text-ink-2" },
  active: { Mark: CircleDot, className: "text-working", text: "font-medium text-ink" },
  open: { Mark: Circle, className: "text-ink-3", text: "text-ink" },
  cancelled: { Mark: CircleSlash, className: "text-ink-3", text: "text-ink-3 line-through" },
}

function TodoItem({ todo: { text, state, status } }: { todo: Todo }) {
  const { Mark, className, text: textClass } = MARKS[state]
  return (
    <li className="flex gap-2">
      <Mark className={cx("mt-0.5 size-3.5 shrink-0", className)} aria-hidden="true" />
      <span dir="auto" className={cx("min-w-0 whitespace-pre-wrap wrap-anywhere", textClass)}>
        <Marked text={showControls(text)} />
      </span>
      <span className="num shrink-0 text-small text-ink-3">
        <Marked text={status.replaceAll("_", " ")} />
      </span>
    </li>
  )
}
