/**
 * Reads the text of an answer, and no further than `mostBytes`, of what it is after unpacking: it may say it is small, say nothing,
 * or be packed. Its `fetch` must have a signal that ends it in time. Throws an Error for an answer that is larger, and what reading
 * fails with.
 */
export async function readAtMost(answer: Response, mostBytes: number): Promise<string> {
  // It also drops a byte order mark, which Partner Center's answers begin with.
  const decoder = new TextDecoder();
  let text = '';
  let size = 0;
  // Leaving the loop closes the connection.
  for await (const chunk of answer.body ?? []) {
    size += chunk.length;
    if (size > mostBytes) throw new Error(`The answer of ${answer.url} is larger than ${mostBytes} bytes.`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
