// node nested.mjs "What is DNS? Answer in one sentence." [langsmith-trace]
//
// A traced function calls the proxy, and the proxy's run goes beneath its own: the ids travel in
// the body's metadata. With the header langsmith-trace of another program as second argument the
// function's run goes beneath that program's; without, it begins a tree.
import { Client, RunTree } from "langsmith";
import { getCurrentRunTree, traceable, withRunTree } from "langsmith/traceable";
import OpenAI from "openai";

const [prompt, header] = process.argv.slice(2);
if (!prompt) {
  console.error('Give the prompt as an argument: node nested.mjs "What is DNS?"');
  process.exit(2);
}

// The metadata that puts LiteLLM's run of one call beneath the current run.
function childOfCurrentRun() {
  const run = getCurrentRunTree(true);
  if (!run) return {}; // nothing is traced here, so LiteLLM's run is a root
  const child = run.createChild({ name: "LLMRun", run_type: "llm" });
  return {
    run_id: child.id,
    parent_run_id: run.id,
    trace_id: child.trace_id,
    dotted_order: child.dotted_order,
    project_name: child.project_name,
  };
}

const openai = new OpenAI();
const langsmith = new Client();

const ask = traceable(
  async (question) => {
    const response = await openai.chat.completions.create({
      model: "gpt-4o-mini",
      messages: [{ role: "user", content: question }],
      temperature: 0,
      metadata: childOfCurrentRun(),
    });
    return response.choices[0].message.content;
  },
  { name: "ask in JavaScript", client: langsmith },
);

const above = header && RunTree.fromHeaders({ "langsmith-trace": header }, { client: langsmith });
console.log(above ? await withRunTree(above, () => ask(prompt)) : await ask(prompt));
await langsmith.awaitPendingTraceBatches();
