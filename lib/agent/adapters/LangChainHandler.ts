import type { ChainMessage, LLMResult, Metadata, Serialized } from "./readLangChain"

/**
 * A callback handler for LangChain and LangGraph. `@langchain/core` calls its methods. The parameter types declare only
 * the fields that are read, to avoid a dependency on that package.
 */
export type LangChainHandler = {
  name: string
  handleChainStart(
    chain: Serialized,
    inputs: unknown,
    runId: string,
    parentRunId?: string,
    tags?: string[],
    metadata?: Metadata,
    runType?: string,
    runName?: string,
  ): void
  handleChainEnd(outputs: unknown, runId: string): void
  handleChainError(error: unknown, runId: string): void
  handleChatModelStart(
    llm: Serialized,
    messages: ChainMessage[][],
    runId: string,
    parentRunId?: string,
    extra?: Metadata,
    tags?: string[],
    metadata?: Metadata,
  ): void
  handleLLMStart(
    llm: Serialized,
    prompts: string[],
    runId: string,
    parentRunId?: string,
    extra?: Metadata,
    tags?: string[],
    metadata?: Metadata,
  ): void
  handleLLMNewToken(token: string, index: unknown, runId: string): void
  handleLLMEnd(result: LLMResult, runId: string): void
  handleLLMError(error: unknown, runId: string): void
  handleToolStart(
    tool: Serialized,
    input: string,
    runId: string,
    parentRunId?: string,
    tags?: string[],
    metadata?: Metadata,
    runName?: string,
  ): void
  handleToolEnd(output: unknown, runId: string): void
  handleToolError(error: unknown, runId: string): void
  handleRetrieverStart(
    retriever: Serialized,
    query: string,
    runId: string,
    parentRunId?: string,
    tags?: string[],
    metadata?: Metadata,
    name?: string,
  ): void
  handleRetrieverEnd(documents: unknown, runId: string): void
  handleRetrieverError(error: unknown, runId: string): void
}
