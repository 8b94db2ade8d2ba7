import { mkdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openDefaultModel } from "playblast/diffusion/default-model";
import { loadDefaultModel } from "playblast/diffusion/load-default-model";
import { writeWhole } from "playblast/video/whole-file";
import { clipsOf, compare, heldInLook, truthOf } from "./compare.js";
import { contestantsOf } from "./contestants.js";
import { openPerceptualDistance } from "./perceptual.js";
import { type EvaluationRequest, readRequest, USAGE } from "./request.js";
import { writeSheet } from "./sheet.js";
import { formatGain, formatRow, meanRow, type Row } from "./table.js";

const BAD_ARGUMENTS = 2;

let request: EvaluationRequest | undefined;
try {
  request = readRequest(process.argv.slice(2));
} catch (error) {
  console.error(`evaluate: ${(error as Error).message}\n\n${USAGE}`);
  process.exit(BAD_ARGUMENTS);
}
if (!request) console.log(USAGE);
else {
  try {
    await evaluate(request);
  } catch (error) {
    const { message, stack } = error as Error;
    console.error(`evaluate: ${(process.env.PLAYBLAST_DEBUG && stack) || message}`);
    process.exitCode = 1;
  }
}

/** Evaluates what is asked for, prints the table, and writes sheets where they are wanted. */
async function evaluate(request: EvaluationRequest): Promise<void> {
  const { size, ticks, light, looks, materials, sheets, json } = request;
  const model = await openDefaultModel(await loadDefaultModel(request.model));
  const twin = request.twin === undefined ? undefined : await openDefaultModel(await loadDefaultModel(request.twin));
  const steps = request.steps ?? model.card.steps;
  const perceptual = await openPerceptualDistance(size);
  const contestants = contestantsOf(model, twin, { size, steps, materials });
  const rows: Row[] = [];
  const onRow = (row: Row) => {
    rows.push(row);
    if (!json) console.log(formatRow(row));
  };
  for (const makeClip of clipsOf(request)) {
    const engine = await makeClip();
    for (const look of looks) {
      const clip = await heldInLook(engine, look);
      const compared = await compare(clip, look, contestants, { perceptual, light, onRow });
      if (!sheets) continue;
      mkdirSync(sheets, { recursive: true });
      const truth = truthOf(clip);
      const columns = [truth, ...compared.map(({ pictures }) => pictures)];
      await writeSheet(join(sheets, `${clip.name}-${look}.jpg`), [...truth.keys()], columns, size);
    }
  }
  const summary = contestants.map(({ name }) => meanRow(rows, name));
  if (!json && looks.length > 1) {
    console.log("\nmean over clips, look by look");
    for (const look of looks)
      for (const { name } of contestants)
        console.log(
          formatRow(
            meanRow(
              rows.filter((row) => row.look === look),
              name,
              look,
            ),
          ),
        );
  }
  if (json) console.log(JSON.stringify({ model: model.card.id, steps, ticks, rows, summary }, null, 2));
  else {
    console.log("\nmean over clips and looks");
    for (const row of summary) console.log(formatRow(row));
    for (const row of summary.slice(1)) console.log(formatGain(row, summary[0]));
  }
  if (sheets) {
    const scores = JSON.stringify({ rows, summary }, null, 2);
    await writeWhole(join(sheets, "scores.json"), (partial) => writeFile(partial, scores));
  }
  await model.close();
  await twin?.close();
  await perceptual.close();
}
