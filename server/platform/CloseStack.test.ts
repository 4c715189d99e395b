import { expect, test } from "vitest"
import { CloseStack } from "./CloseStack"

test("closes in reverse order and waits for each", async () => {
  const stack = new CloseStack()
  const closed: string[] = []
  stack.defer(() => void closed.push("store"))
  stack.defer(async () => {
    await new Promise((resolve) => setTimeout(resolve, 5))
    closed.push("sockets")
  })
  stack.defer(() => void closed.push("timers"))
  await Promise.all([stack.close(), stack.close()])
  expect(closed).toEqual(["timers", "sockets", "store"])
})

test("closes the rest when one fails, and reports the first failure", async () => {
  const stack = new CloseStack()
  const closed: string[] = []
  stack.defer(() => void closed.push("store"))
  stack.defer(() => Promise.reject(new Error("first")))
  stack.defer(() => Promise.reject(new Error("registered last, so the first to fail")))
  await expect(stack.close()).rejects.toThrow("the first to fail")
  expect(closed).toEqual(["store"])
})
