import type { ComponentType } from "react"
import { createRoot } from "react-dom/client"
import { expect, onTestFinished, test, vi } from "vitest"
import { useOnDemand } from "./useOnDemand"

test("loads a component again after a failure, without being needed anew", async () => {
  const Loaded = () => <p>loaded</p>
  const load = vi
    .fn<() => Promise<ComponentType>>()
    .mockRejectedValueOnce(new Error("the server is restarting"))
    .mockResolvedValue(Loaded)
  function Harness() {
    const Part = useOnDemand(true, load)
    return Part === undefined ? null : <Part />
  }
  const place = document.body.appendChild(document.createElement("div"))
  const root = createRoot(place)
  onTestFinished(() => {
    root.unmount()
    place.remove()
  })
  root.render(<Harness />)
  await expect.poll(() => place.textContent, { timeout: 15_000 }).toBe("loaded")
  expect(load).toHaveBeenCalledTimes(2)
})
