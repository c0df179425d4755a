// What the scripts do for every page. Without them the pages work all the same, with a reload here and there.
import { startAnswers } from "./answers.js";
import * as chat from "./chat.js";
import { startComposer } from "./composer.js";
import { startDialogs } from "./dialog.js";
import { startEvents } from "./events.js";
import * as feed from "./feed.js";
import { startFields } from "./fields.js";
import { startForms } from "./forms.js";
import { startLightbox } from "./lightbox.js";
import { startGrowing } from "./grow.js";
import { startMentions } from "./mention.js";
import * as live from "./live.js";
import { startSearch } from "./search.js";
import { follow } from "./stream.js";
import { startNews } from "./news.js";
import { startTimes } from "./time.js";

document.documentElement.dataset.scripts = ""; // shows what only works with scripts (css/base.css)

startFields();
startTimes();
startForms();
startAnswers();
startDialogs();
startLightbox();
startComposer();
startGrowing();
startMentions();
startEvents();
startSearch();
feed.startFeed();
chat.startChat();
startNews();
follow(
  (change) => {
    live.changed(change);
    feed.changed(change);
    chat.changed(change);
  },
  () => {
    live.refreshRegions();
    feed.repair();
    chat.repair();
  },
);
