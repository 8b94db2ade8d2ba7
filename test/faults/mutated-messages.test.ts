import { afterAll, expect, it } from "vitest";
import { LONG } from "./attacks/target.js";
import { Ground, say } from "./ground.js";

const ground = new Ground();
afterAll(() => ground.close());

it(
  "spoilt messages on both doors end their own stream, with a code that says what was wrong",
  async () => {
    const { messages, codes, hangs, bad } = await ground.attack("mutatedMessages", LONG ? 7_200_000 : 120_000);
    say("mutatedMessages", `${messages} messages`, [JSON.stringify(codes), `${hangs} hangs`, `${bad.length} bad`]);
    expect(bad).toEqual([]);
  },
  LONG ? 7_200_000 : 180_000,
);
