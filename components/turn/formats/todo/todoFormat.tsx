import type { Format } from "@/components/turn/formats/Format"
import { strings } from "@/components/turn/strings"
import { readTodos } from "./readTodos"
import { TodoView } from "./TodoView"

export const todoFormat: Format = {
  id: "todo",
  name: strings.formats.todo,
  detect: ({ json }) => (readTodos(json) === undefined ? "no" : "best"),
  Body: ({ input, pointer }) => {
    const todos = readTodos(input.json)
    return todos === undefined ? null : <TodoView todos={todos} pointer={pointer} />
  },
}
