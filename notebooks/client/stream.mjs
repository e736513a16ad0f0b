// node stream.mjs "What is HTTP? Answer in one sentence."
//
// The same call, its answer printed as it comes.
import OpenAI from "openai";

const prompt = process.argv[2];
if (!prompt) {
  console.error('Give the prompt as an argument: node stream.mjs "What is HTTP?"');
  process.exit(2);
}

const client = new OpenAI();
const stream = await client.chat.completions.create({
  model: "gpt-4o-mini",
  temperature: 0,
  messages: [{ role: "user", content: prompt }],
  stream: true,
});
for await (const chunk of stream) {
  process.stdout.write(chunk.choices[0]?.delta?.content ?? "");
}
process.stdout.write("\n");
