/** What a browser without scripts is told. */
export function NoScript() {
  return (
    <noscript>
      <p className="border-b border-waiting px-4 py-3 text-list">
        Turnline shows runs as they happen, which needs JavaScript. Without it,{" "}
        <code className="num">/api/runs/&lt;run_id&gt;/export?format=jsonl</code> gives any run as text.
      </p>
    </noscript>
  )
}
