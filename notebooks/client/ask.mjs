// node ask.mjs "What is HTTP? Answer in one sentence."
//
// A plain OpenAI client. It knows nothing of LangSmith: OPENAI_BASE_URL is the proxy's address,
// OPENAI_API_KEY the proxy's key, and the proxy does the tracing.
import OpenAI from "openai";

const prompt = process.argv[2];
if (!prompt) {
  console.error('Give the prompt as an argument: node ask.mjs "What is HTTP?"');
  process.exit(2);
}

const client = new OpenAI();
const response = await client.chat.completions.create({
  model: "gpt-4o-mini",
  temperature: 0,
  messages: [{ role: "user", content: prompt }],
});
console.log(response.choices[0].message.content);
