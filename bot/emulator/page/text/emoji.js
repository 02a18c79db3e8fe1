// The emoji people and apps name most, by Slack's names.

const TABLE = `smile 😄 smiley 😃 grinning 😀 grin 😁 joy 😂 slightly_smiling_face 🙂 wink 😉 blush 😊 sunglasses 😎 thinking_face 🤔
neutral_face 😐 confused 😕 worried 😟 cry 😢 sob 😭 angry 😠 scream 😱 sweat_smile 😅 relieved 😌 heart_eyes 😍 sleeping 😴
face_with_rolling_eyes 🙄 zipper_mouth_face 🤐 face_with_thermometer 🤒 nerd_face 🤓 saluting_face 🫡 hugging_face 🤗
+1 👍 thumbsup 👍 -1 👎 thumbsdown 👎 ok_hand 👌 clap 👏 wave 👋 raised_hands 🙌 raised_hand ✋ pray 🙏 muscle 💪 point_right 👉
point_left 👈 point_up ☝️ point_down 👇 handshake 🤝 eyes 👀 bow 🙇 man-shrugging 🤷 shrug 🤷 writing_hand ✍️ crossed_fingers 🤞
heart ❤️ broken_heart 💔 tada 🎉 fire 🔥 sparkles ✨ star ⭐ star2 🌟 rocket 🚀 100 💯 trophy 🏆 medal 🏅 gift 🎁 balloon 🎈
white_check_mark ✅ heavy_check_mark ✔️ ballot_box_with_check ☑️ x ❌ negative_squared_cross_mark ❎ warning ⚠️ no_entry ⛔
no_entry_sign 🚫 octagonal_sign 🛑 rotating_light 🚨 exclamation ❗ heavy_exclamation_mark ❗ question ❓ grey_question ❔ bangbang ‼️
information_source ℹ️ red_circle 🔴 large_orange_circle 🟠 large_yellow_circle 🟡 large_green_circle 🟢 large_blue_circle 🔵
large_purple_circle 🟣 white_circle ⚪ black_circle ⚫ large_red_square 🟥 large_green_square 🟩 small_red_triangle 🔺
arrow_right ➡️ arrow_left ⬅️ arrow_up ⬆️ arrow_down ⬇️ arrow_upper_right ↗️ arrow_lower_right ↘️ arrows_counterclockwise 🔄 repeat 🔁 leftwards_arrow_with_hook ↩️
hourglass ⌛ hourglass_flowing_sand ⏳ stopwatch ⏱️ alarm_clock ⏰ clock1 🕐 clock9 🕘 calendar 📅 date 📅 spiral_calendar_pad 🗓️
bell 🔔 no_bell 🔕 mute 🔇 speech_balloon 💬 thought_balloon 💭 mega 📣 loudspeaker 📢 email ✉️ envelope ✉️ inbox_tray 📥
outbox_tray 📤 incoming_envelope 📨 phone ☎️ telephone_receiver 📞 iphone 📱 computer 💻 desktop_computer 🖥️ keyboard ⌨️ printer 🖨️ floppy_disk 💾
memo 📝 pencil 📝 pencil2 ✏️ clipboard 📋 pushpin 📌 round_pushpin 📍 paperclip 📎 link 🔗 lock 🔒 unlock 🔓 key 🔑 mag 🔍
bulb 💡 wrench 🔧 hammer 🔨 hammer_and_wrench 🛠️ gear ⚙️ nut_and_bolt 🔩 package 📦 bug 🐛 construction 🚧 recycle ♻️ label 🏷️
chart_with_upwards_trend 📈 chart_with_downwards_trend 📉 bar_chart 📊 books 📚 book 📖 page_facing_up 📄 file_folder 📁 ticket 🎫
admission_tickets 🎟️ zap ⚡ sunny ☀️ cloud ☁️ snowflake ❄️ palm_tree 🌴 house 🏠 house_with_garden 🏡 office 🏢 coffee ☕ pizza 🍕 cake 🍰
globe_with_meridians 🌐 airplane ✈️ car 🚗 bus 🚌 robot_face 🤖 technologist 🧑‍💻 busts_in_silhouette 👥 bust_in_silhouette 👤
checkered_flag 🏁 triangular_flag_on_post 🚩 crown 👑 seedling 🌱 dart 🎯 zzz 💤 double_vertical_bar ⏸️ arrow_forward ▶️ black_square_for_stop ⏹️`;

const TABLE_WORDS = TABLE.split(/\s+/);
/** @type {Map<string, string>} */
export const EMOJI = new Map();
for (let at = 0; at < TABLE_WORDS.length; at += 2) EMOJI.set(TABLE_WORDS[at], TABLE_WORDS[at + 1]);

/** The sign for a name; an unknown name stays readable as `:name:`. */
export const emojiSign = (name) => EMOJI.get(name.split("::")[0]) ?? `:${name}:`;

/** The ones offered first. */
export const COMMON = [
  "white_check_mark",
  "eyes",
  "raised_hands",
  "+1",
  "tada",
  "heart",
  "pray",
  "rocket",
  "joy",
  "thinking_face",
  "warning",
  "x",
];
