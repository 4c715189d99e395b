import { describe, expect, it } from "vitest"
import { HOOK_EVENTS, installedHooks, withHooks, withoutHooks } from "./hookSettings"

const URL = "http://127.0.0.1:3000"
const OWN = {
  model: "opus",
  hooks: {
    PreToolUse: [{ matcher: "Bash", hooks: [{ type: "command", command: "check" }] }],
    TaskCreated: [{ hooks: [{ type: "http", url: "https://example.com/hook" }] }],
  },
}

describe("hookSettings", () => {
  it("adds a hook for every event and leaves everything else as it is", () => {
    const settings = withHooks(OWN, URL)
    expect(settings).toMatchObject({ model: "opus", hooks: { TaskCreated: OWN.hooks.TaskCreated } })
    expect(installedHooks(settings)).toEqual(new Map([[URL, [...HOOK_EVENTS].sort(byOrder(settings))]]))
    expect(JSON.stringify(settings)).toContain('"command":"check"')
  })

  it("sends the token from the environment and waits at most a second", () => {
    const { hooks } = withHooks({}, URL) as { hooks: Record<string, { hooks: object[] }[]> }
    expect(hooks.Stop?.[0]?.hooks[0]).toEqual({
      type: "http",
      url: `${URL}/ingest/claude-code/hooks`,
      headers: { Authorization: "Bearer $TURNLINE_TOKEN" },
      allowedEnvVars: ["TURNLINE_TOKEN"],
      timeout: 1,
    })
  })

  it("replaces hooks of an earlier installation", () => {
    const moved = withHooks(withHooks(OWN, URL), "https://turnline.example.com/base")
    expect([...installedHooks(moved).keys()]).toEqual(["https://turnline.example.com/base"])
    expect(withHooks(moved, "https://turnline.example.com/base")).toEqual(moved)
  })

  it("restores the settings when it is uninstalled", () => {
    expect(withoutHooks(withHooks(OWN, URL))).toEqual(OWN)
    expect(withoutHooks(withHooks({}, URL))).toEqual({})
    expect(withoutHooks({ hooks: "odd" })).toEqual({})
  })
})

/** Compares two events by their order in the settings. */
function byOrder(settings: { readonly [key: string]: unknown }) {
  const names = Object.keys(settings.hooks as object)
  return (one: string, other: string) => names.indexOf(one) - names.indexOf(other)
}
