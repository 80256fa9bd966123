//! The drawings, on a ground of 240 by 300: `b` is the goods' colour, `s` its shade, `w` a light part, `l` a
//! seam, `o` an open line in the colour. Which is drawn is told by a word of the shop's own category.

/// A word of a category, and the drawing it stands for. The first that is found counts.
pub(super) const WORDS: &[(&str, &str)] = &[
    ("backpack", BACKPACK),
    ("bag", TOTE),
    ("beanie", BEANIE),
    ("cap", CAP),
    ("hat", BEANIE),
    ("belt", BELT),
    ("scar", SCARF),
    ("glove", GLOVE),
    ("glasses", GLASSES),
    ("jewel", NECKLACE),
    ("earring", NECKLACE),
    ("necklace", NECKLACE),
    ("gift", CARD),
    ("sock", SOCK),
    ("boot", BOOT),
    ("heel", HEEL),
    ("sandal", HEEL),
    ("shoe", SHOE),
    ("sneaker", SHOE),
    ("loafer", SHOE),
    ("dress", DRESS),
    ("skirt", SKIRT),
    ("shorts", SHORTS),
    ("swim", SHORTS),
    ("underwear", SHORTS),
    ("jean", TROUSERS),
    ("chino", TROUSERS),
    ("legging", TROUSERS),
    ("trouser", TROUSERS),
    ("hoodie", HOODIE),
    ("t-shirt", TEE),
    ("polo", TEE),
    ("tops", TEE),
    ("sleepwear", SHIRT),
    ("shirt", SHIRT),
    ("blouse", SHIRT),
    ("knit", SWEATER),
    ("sweater", SWEATER),
    ("cardigan", SWEATER),
    ("jacket", JACKET),
    ("coat", COAT),
    ("parka", COAT),
    ("robe", COAT),
    ("suit", COAT),
    ("blazer", COAT),
    ("tailoring", COAT),
    ("outerwear", JACKET),
    ("pizza", PIZZA),
    ("pasta", BOWL),
    ("salad", BOWL),
    ("burger", BURGER),
    ("coffee", CUP),
    ("drink", GLASS),
    ("beer", GLASS),
    ("dessert", SCOOP),
    ("starter", PLATE),
    ("main", PLATE),
];

/// What is drawn where no word is known: a price tag without a price.
pub(super) const TAG: &str = r##"<path class="b" d="M58 146 126 78Q132 72 140 72H180Q190 72 190 82V122Q190 130 184 136L116 204Q108 212 100 204L58 162Q50 154 58 146Z"/><circle class="w" cx="166" cy="96" r="9"/>"##;

const JACKET: &str = r##"<path class="b" d="M84 66Q120 84 156 66L190 84Q204 92 208 112L218 206 190 212 181 140 184 238Q120 250 56 238L59 140 50 212 22 206 32 112Q36 92 50 84Z"/><path class="s" d="M84 66Q90 40 120 38 150 40 156 66 120 88 84 66Z"/><path class="l" d="M120 80V244M76 192 98 178M164 192 142 178M59 140 62 120M181 140 178 120M57 226Q120 238 183 226"/>"##;
const COAT: &str = r##"<path class="b" d="M88 54 152 54 188 74Q202 82 206 102L216 196 190 202 180 132 188 262Q120 272 52 262L60 132 50 202 24 196 34 102Q38 82 52 74Z"/><path class="s" d="M88 54 120 130 152 54 164 62 142 112 120 148 98 112 76 62Z"/><path class="l" d="M120 148V268M74 196 98 192M166 196 142 192"/><circle class="w" cx="129" cy="172" r="4"/><circle class="w" cx="129" cy="204" r="4"/>"##;
const TEE: &str = r##"<path class="b" d="M88 62Q120 84 152 62L188 78 216 126 188 144 175 126 177 238Q120 246 63 238L65 126 52 144 24 126 52 78Z"/><path class="s" d="M88 62Q120 98 152 62 120 82 88 62Z"/><path class="l" d="M65 126 64 112M175 126 176 112M36 118 62 134M204 118 178 134M64 228Q120 236 176 228"/>"##;
const SHIRT: &str = r##"<path class="b" d="M90 60H150L186 78Q198 86 202 104L214 208 188 213 176 134 178 240Q120 248 62 240L64 134 52 213 26 208 38 104Q42 86 54 78Z"/><path class="s" d="M90 60 104 88 120 72 136 88 150 60Q120 68 90 60Z"/><path class="l" d="M120 74V244M140 118H160V138L150 146 140 138Z"/><g class="w"><circle cx="120" cy="104" r="3"/><circle cx="120" cy="134" r="3"/><circle cx="120" cy="164" r="3"/><circle cx="120" cy="194" r="3"/></g>"##;
const SWEATER: &str = r##"<path class="b" d="M88 62Q120 80 152 62L186 78Q200 86 204 104L214 206 188 212 177 134V236Q120 246 63 236V134L52 212 26 206 36 104Q40 86 54 78Z"/><path class="s" d="M88 62Q120 98 152 62L148 56Q120 74 92 56ZM63 222Q120 232 177 222V236Q120 246 63 236ZM27 194 53 200 52 212 26 206ZM213 194 187 200 188 212 214 206Z"/><path class="l" d="M90 122 104 136 120 122 136 136 150 122M90 150 104 164 120 150 136 164 150 150"/>"##;
const HOODIE: &str = r##"<path class="b" d="M84 70Q120 88 156 70L188 84Q202 92 206 110L216 206 190 212 178 138V238Q120 248 62 238V138L50 212 24 206 34 110Q38 92 52 84Z"/><path class="s" d="M84 70Q78 34 120 32 162 34 156 70 138 96 120 96 102 96 84 70Z"/><path class="b" d="M98 70Q96 50 120 48 144 50 142 70 120 90 98 70Z" opacity=".55"/><path class="l" d="M84 218 92 176H148L156 218ZM108 92V128M132 92V124"/>"##;
const DRESS: &str = r##"<path class="b" d="M94 54 102 52Q120 84 138 52L146 54Q150 78 156 98 150 118 148 134 178 200 188 254 120 270 52 254 62 200 92 134 90 118 84 98 90 78 94 54Z"/><path class="s" d="M92 134Q120 142 148 134L151 144Q120 152 89 144Z"/><path class="l" d="M104 158Q92 210 84 258M120 160V264M136 158Q148 210 156 258"/>"##;
const SKIRT: &str = r##"<path class="b" d="M84 84H156L160 102Q186 178 194 236 120 254 46 236 54 178 80 102Z"/><path class="s" d="M84 84H156L160 102Q120 108 80 102Z"/><path class="l" d="M100 112Q88 180 82 240M120 114V246M140 112Q152 180 158 240"/>"##;
const TROUSERS: &str = r##"<path class="b" d="M82 54H158L164 78 178 258 136 260 122 130H118L104 260 62 258 76 78Z"/><path class="s" d="M82 54H158L161 70H79Z"/><path class="l" d="M120 70V126M79 84Q92 92 96 74M161 84Q148 92 144 74M64 244 104 246M176 244 136 246"/>"##;
const SHORTS: &str = r##"<path class="b" d="M78 92H162L168 112 184 212 132 218 121 152H119L108 218 56 212 72 112Z"/><path class="s" d="M78 92H162L166 108H74Z"/><path class="l" d="M120 108V148M74 122Q88 130 92 112M166 122Q152 130 148 112M58 200 108 206M182 200 132 206"/>"##;
const SHOE: &str = r##"<path class="b" d="M42 198Q42 148 58 138 74 158 98 146L138 174Q172 184 196 198 206 206 204 216H42Z"/><path class="s" d="M42 198Q42 148 58 138 70 154 84 151 78 180 88 216H42Z"/><path class="w" d="M38 212H206Q210 234 196 234H52Q38 234 38 212Z"/><path class="l" d="M104 160 120 150M116 168 132 158M128 176 144 166M160 184Q164 202 180 208M38 222H206"/>"##;
const BOOT: &str = r##"<path class="b" d="M74 78H132Q134 128 140 148 174 158 194 180 204 192 204 212H72Q72 140 74 78Z"/><path class="s" d="M74 78H132L133 96H73Z"/><path class="s" d="M68 208H206Q210 232 198 232H150L146 222H114L110 232H76Q64 232 68 208Z"/><path class="l" d="M112 112 134 118M112 128 136 136M114 144 140 152M162 160Q160 186 178 204"/>"##;
const HEEL: &str = r##"<path class="b" d="M46 144Q70 182 118 186 162 190 198 212 206 222 200 228H152Q118 214 88 206L82 244H74L70 198Q50 176 46 144Z"/><path class="s" d="M46 144Q58 164 76 174L70 198Q50 176 46 144Z"/><path class="l" d="M118 186Q140 200 166 194"/>"##;
const SOCK: &str = r##"<path class="b" d="M94 60H150L147 158Q149 172 168 184L192 202Q206 218 192 233 178 244 160 235L108 205Q91 194 92 174Z"/><path class="s" d="M94 60H150L149 84H93ZM168 184 192 202Q206 218 192 233 184 240 174 240 190 208 160 190Z"/><path class="l" d="M93 98H149M92 110H148M92 174Q112 186 128 168"/>"##;
const BACKPACK: &str = r##"<path class="o" d="M104 74Q104 48 120 48 136 48 136 74"/><path class="b" d="M70 112Q70 68 120 68 170 68 170 112L178 228Q178 246 160 246H80Q62 246 62 228Z"/><path class="s" d="M82 168H158Q166 168 166 176V218Q166 228 156 228H84Q74 228 74 218V176Q74 168 82 168Z"/><path class="l" d="M70 122Q120 146 170 122M74 188H166M120 68V96"/>"##;
const TOTE: &str = r##"<path class="o" d="M92 124Q90 58 120 58 150 58 148 124"/><path class="b" d="M60 116H180L190 242H50Z"/><path class="l" d="M59 130H181M92 116V136M148 116V136"/>"##;
const BEANIE: &str = r##"<circle class="s" cx="120" cy="82" r="20"/><path class="b" d="M64 178Q60 92 120 90 180 92 176 178Z"/><rect class="s" x="56" y="168" width="128" height="44" rx="16"/><path class="l" d="M92 104Q84 136 86 166M120 92V166M148 104Q156 136 154 166M78 176V204M106 176V204M134 176V204M162 176V204"/>"##;
const CAP: &str = r##"<path class="b" d="M54 180Q52 110 114 106 168 106 172 170L150 184Q100 174 54 180Z"/><path class="s" d="M172 168Q214 172 222 190 188 200 150 186 100 174 54 180 104 160 172 168Z"/><circle class="s" cx="114" cy="104" r="6"/><path class="l" d="M114 106Q104 140 106 172M140 112Q150 140 148 170"/>"##;
const BELT: &str = r##"<ellipse cx="120" cy="150" rx="76" ry="58" fill="none" stroke="var(--b)" stroke-width="24"/><path class="l" d="M64 128Q84 104 120 102"/><rect class="w" x="96" y="190" width="48" height="38" rx="6"/><rect x="106" y="199" width="28" height="20" rx="3" fill="var(--b)"/>"##;
const SCARF: &str = r##"<path class="b" d="M126 104 156 108 170 226 132 234Z"/><path class="s" d="M96 104 122 110 112 242 76 234Z"/><path class="b" d="M72 84Q120 52 168 84 178 116 120 124 62 116 72 84Z"/><path class="l" d="M84 94Q120 112 156 94M80 218 113 226M133 218 169 210M82 236V246M94 238V248M106 240V250M140 234V244M152 232V242M164 228V238"/>"##;
const GLOVE: &str = r##"<path class="b" d="M84 226V140Q82 98 94 98 104 98 105 128L108 82Q110 70 120 72 129 74 128 88L127 126 136 90Q140 80 149 84 156 88 154 100L147 144Q162 126 173 132 182 140 172 154L150 194V226Z"/><rect class="s" x="78" y="216" width="78" height="30" rx="8"/><path class="l" d="M105 128V160M127 126V160"/>"##;
const GLASSES: &str = r##"<path class="o" d="M44 134Q40 118 30 116M196 134Q200 118 210 116M112 142Q120 132 128 142"/><circle class="s" cx="80" cy="150" r="36"/><circle class="s" cx="160" cy="150" r="36"/><circle cx="80" cy="150" r="36" fill="none" stroke="var(--b)" stroke-width="8"/><circle cx="160" cy="150" r="36" fill="none" stroke="var(--b)" stroke-width="8"/><path d="M62 140 74 130M142 140 154 130" stroke="#fff" stroke-width="5" stroke-linecap="round" opacity=".7"/>"##;
const NECKLACE: &str = r##"<path class="o" d="M62 66Q76 176 120 184 164 176 178 66"/><path class="b" d="M120 184 144 208 120 246 96 208Z"/><path class="l" d="M96 208H144M120 184 110 208 120 246 130 208Z"/>"##;
const CARD: &str = r##"<rect class="b" x="40" y="98" width="160" height="106" rx="14"/><path class="s" d="M88 98H108V204H88ZM40 132H200V150H40Z"/><path class="o" d="M98 136Q62 120 72 104 88 98 98 136 112 98 128 106 134 122 98 136" stroke-width="7"/>"##;
const PIZZA: &str = r##"<circle cx="120" cy="152" r="88" fill="#c98a4b"/><circle cx="120" cy="152" r="76" fill="#d9472b"/><circle cx="120" cy="152" r="72" fill="#f2c663"/><path class="l" d="M120 80V224M58 116 182 188M58 188 182 116" opacity=".35"/><g class="b"><circle cx="98" cy="116" r="11"/><circle cx="150" cy="124" r="11"/><circle cx="88" cy="170" r="11"/><circle cx="138" cy="190" r="11"/><circle cx="124" cy="146" r="9"/></g><g fill="#4d8b3c"><path d="M124 106q12-8 18 4-12 8-18-4ZM166 158q12-8 16 6-12 6-16-6ZM104 198q4-12 16-6-2 12-16 6ZM70 142q10-8 16 4-8 8-16-4Z"/></g>"##;
const BOWL: &str = r##"<ellipse cx="120" cy="150" rx="88" ry="28" fill="#fffdf8"/><ellipse cx="120" cy="148" rx="76" ry="22" fill="#f0c765"/><path d="M64 146q18-18 34 0t34-2 40 2M76 154q16-12 32 2t36-4 26-2M92 138q14 8 30 0t28 2" fill="none" stroke="#d9a441" stroke-width="5" stroke-linecap="round"/><g class="b"><circle cx="98" cy="146" r="9"/><circle cx="138" cy="142" r="9"/><circle cx="122" cy="156" r="7"/></g><path d="M110 132q10-12 20 0-8 10-20 0ZM150 150q8-10 16 0-6 8-16 0Z" fill="#4d8b3c"/><path class="w" d="M32 150H208Q202 230 146 240H94Q38 230 32 150Q60 178 120 178 180 178 208 150Z"/><path class="l" d="M40 178Q120 204 200 178" opacity=".3"/>"##;
const BURGER: &str = r##"<path d="M52 140Q50 80 120 80 190 80 188 140Z" fill="#d7944a"/><g fill="#f7e3bd"><ellipse cx="96" cy="102" rx="5" ry="3"/><ellipse cx="124" cy="94" rx="5" ry="3"/><ellipse cx="150" cy="106" rx="5" ry="3"/><ellipse cx="112" cy="116" rx="5" ry="3"/></g><path d="M46 142q12 16 24 0t24 0 24 0 24 0 24 0 28 0v12H46Z" fill="#5f9e45"/><path d="M52 152H188L166 172 144 156Z" fill="#f4c145"/><rect x="50" y="160" width="140" height="28" rx="13" fill="#6a3d29"/><path d="M54 192H186Q188 222 164 222H76Q52 222 54 192Z" fill="#d7944a"/>"##;
const GLASS: &str = r##"<path d="M142 60 158 40" stroke="#e5534b" stroke-width="7" stroke-linecap="round"/><path d="M142 60 126 232" stroke="#e5534b" stroke-width="7" opacity=".55"/><path class="b" d="M86 120H154L146 236Q120 243 94 236Z" opacity=".85"/><path d="M80 82H160L148 240Q120 248 92 240Z" fill="#fff" opacity=".35" stroke="#fff" stroke-width="4"/><g fill="#fff" opacity=".55"><rect x="98" y="132" width="22" height="22" rx="5" transform="rotate(12 109 143)"/><rect x="120" y="156" width="20" height="20" rx="5" transform="rotate(-14 130 166)"/></g>"##;
const CUP: &str = r##"<path d="M92 96q-8-14 0-26t0-24M120 92q-8-14 0-26t0-24M148 96q-8-14 0-26t0-24" fill="none" stroke="#b9a48f" stroke-width="5" stroke-linecap="round" opacity=".6"/><ellipse cx="116" cy="232" rx="92" ry="13" class="w"/><path class="o" d="M166 136Q204 132 200 164 196 192 160 188" stroke-width="13"/><path class="b" d="M62 118H170V184Q170 226 132 226H100Q62 226 62 184Z"/><ellipse cx="116" cy="120" rx="54" ry="12" fill="#5b3a26"/><ellipse cx="112" cy="119" rx="28" ry="5" fill="#c79a6b"/>"##;
const SCOOP: &str = r##"<circle cx="94" cy="128" r="36" fill="#f6d9b8"/><circle cx="146" cy="128" r="36" class="b"/><circle cx="120" cy="98" r="38" fill="#fff5e6"/><circle cx="124" cy="58" r="11" fill="#c4303c"/><path d="M124 48Q132 32 146 34" fill="none" stroke="#5b3a26" stroke-width="3"/><path class="w" d="M56 144H184L158 216H82Z"/><path class="w" d="M108 214H132V238H154V246H86V238H108Z"/><path class="l" d="M66 160H174" opacity=".3"/>"##;
const PLATE: &str = r##"<circle cx="120" cy="154" r="92" fill="#fffdf9"/><circle cx="120" cy="154" r="66" fill="#f4efe6"/><path class="b" d="M82 160Q78 122 118 118 162 116 160 152 160 190 120 190 86 190 82 160Z"/><path d="M96 150q20-14 48 2M94 166q24-10 52 2" fill="none" stroke="#fff" stroke-width="4" stroke-linecap="round" opacity=".5"/><g fill="#5f9e45"><circle cx="152" cy="188" r="10"/><circle cx="168" cy="174" r="8"/><circle cx="138" cy="200" r="7"/></g><circle cx="84" cy="192" r="9" fill="#d9472b"/><circle cx="98" cy="202" r="7" fill="#d9472b"/>"##;
