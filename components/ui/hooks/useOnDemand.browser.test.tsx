import type { ComponentType } from "react"
import { createRoot } from "react-dom/client"
import { expect, onTestFinished, test, vi } from "vitest"
import { useOnDemand } from "./useOnDemand"

function Loaded() {
  return <p>loaded</p>
}

function Harness({ load }: { load: () => Promise<ComponentType> }) {
  const Part = useOnDemand(true, load)
  return Part === undefined ? null : <Part />
}

test("tries again to load a component for as long as it is needed", async () => {
  const load = vi
    .fn<() => Promise<ComponentType>>()
    .mockRejectedValueOnce(new Error("the server is restarting"))
    .mockResolvedValue(Loaded)
  const place = document.body.appendChild(document.createElement("div"))
  const root = createRoot(place)
  onTestFinished(() => {
    root.unmount()
    place.remove()
  })
  root.render(<Harness load={load} />)
  await expect.poll(() => place.textContent, { timeout: 15_000 }).toBe("loaded")
  expect(load).toHaveBeenCalledTimes(2)
})
