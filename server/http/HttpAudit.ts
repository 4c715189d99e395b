import type { IncomingMessage } from "node:http"
import type { Principal } from "@/lib/protocol/access"
import type { Audit, AuditEntry } from "@/server/audit/Audit"
import type { Quotas } from "@/server/auth/Quotas"
import { tokenIdOf } from "@/server/auth/token"
import type { Metrics } from "@/server/metrics/Metrics"
import { clientAddress } from "@/server/net/clientAddress"

type Parts = { audit: Audit; quotas: Quotas; metrics: Metrics; proxyHops: number }

/** Notes what is done by HTTP, and by whom, and counts wrong tokens. */
export class HttpAudit {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Where a request comes from, as far as that can be believed. */
  address({ headers, socket }: IncomingMessage): string {
    return clientAddress(headers, socket.remoteAddress, this.#parts.proxyHops)
  }

  /** A wrong token came; 0 while that may happen, else the milliseconds until it may again. */
  failed(request: IncomingMessage, how: string, given: string | undefined): number {
    const { quotas, metrics, audit } = this.#parts
    const address = this.address(request)
    const token = given === undefined ? undefined : tokenIdOf(given)
    audit.note({ event: "auth_failed", address, how, ...(token !== undefined && { token }) })
    const waitMs = quotas.failed(address)
    metrics.refused(waitMs > 0 ? "failures" : "token")
    return waitMs
  }

  /** Somebody did something that goes into the audit log. */
  did(
    request: IncomingMessage,
    who: Pick<Principal, "token_id" | "name"> | undefined,
    entry: AuditEntry,
  ): void {
    const by = who === undefined ? {} : { token: who.token_id, name: who.name }
    this.#parts.audit.note({ ...entry, ...by, address: this.address(request) })
  }
}
