import { afterAll, expect, it } from "vitest";
import { LONG } from "./attacks/target.js";
import { Ground, say } from "./ground.js";

/** Far more than it takes: this tells a hang from slowness. */
const PATIENCE_MS = LONG ? 7_200_000 : 300_000;

const ground = new Ground();
afterAll(() => ground.close());

it(
  "spoilt messages on both doors end their own stream, with a code that says what was wrong",
  async () => {
    const { messages, codes, hangs, bad } = await ground.attack("mutatedMessages", PATIENCE_MS);
    say("mutatedMessages", `${messages} messages`, [JSON.stringify(codes), `${hangs} hangs`, `${bad.length} bad`]);
    expect(bad).toEqual([]);
  },
  PATIENCE_MS + 60_000,
);
