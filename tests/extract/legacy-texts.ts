/** Invented texts for the charsets of old pages: a title, which is all that a short page has, and a paragraph. */
export const TEXTS: Readonly<Record<string, { readonly title: string; readonly body: string }>> = {
  pl: {
    title: 'Burza zniszczyła łodzie w porcie – mieszkańcy pomagają sobie',
    body: 'Rybacy z niewielkiego miasteczka mówią, że takiej nocy jeszcze nie przeżyli. Wiatr zerwał dachy, a woda wdarła się na ulice. Burmistrz podziękował strażakom, którzy pracowali do świtu. Żadna z łodzi nie nadaje się już do użytku, ale właściciele obiecują, że wkrótce wyjdą znów w morze. Dzieci w szkole zbierają pieniądze, żeby pomóc najbiedniejszym rodzinom. Ślady powodzi widać wszędzie; późną nocą prąd jeszcze nie wrócił.',
  },
  cs: {
    title: 'Bouře poškodila čluny v přístavu, sousedé si pomáhají',
    body: 'Rybáři z malého městečka říkají, že takovou noc ještě nezažili. Vítr strhl střechy a voda se valila do ulic. Starosta poděkoval hasičům, kteří pracovali až do svítání. Žádný z člunů už není použitelný, ale majitelé slibují, že brzy znovu vyplují na moře. Děti ve škole sbírají peníze, aby pomohly nejchudším rodinám. Škody jsou vidět všude a proud ještě nešel.',
  },
  hu: {
    title: 'A vihar összetörte a hajókat a kikötőben, segítenek a szomszédok',
    body: 'A kisváros halászai azt mondják, hogy ilyen éjszakát még nem éltek át. A szél letépte a tetőket, a víz betört az utcákra. A polgármester megköszönte a tűzoltóknak, akik hajnalig dolgoztak. Egyik csónak sem használható már, de a tulajdonosok azt ígérik, hogy hamarosan újra kifutnak a tengerre. Az iskolában a gyerekek pénzt gyűjtenek a legszegényebb családoknak. A károk mindenütt látszanak.',
  },
  ru: {
    title: 'Шторм разбил лодки в гавани, соседи помогают друг другу',
    body: 'Рыбаки небольшого городка говорят, что такой ночи ещё не видели. Ветер сорвал крыши, вода хлынула на улицы. Мэр поблагодарил пожарных, которые работали до рассвета. Ни одна лодка больше не пригодна, но хозяева обещают скоро снова выйти в море. Дети в школе собирают деньги, чтобы помочь самым бедным семьям. Следы наводнения видны повсюду, света по-прежнему нет.',
  },
  uk: {
    title: 'Шторм розбив човни в гавані, сусіди допомагають одне одному',
    body: 'Рибалки невеликого містечка кажуть, що такої ночі ще не бачили. Вітер зірвав дахи, вода ринула на вулиці. Міський голова подякував пожежникам, які працювали до світанку. Жоден човен уже не придатний, але господарі обіцяють незабаром знову вийти в море. Діти у школі збирають гроші, щоб допомогти найбіднішим родинам. Її наслідки видно всюди, світла й досі немає.',
  },
  bg: {
    title: 'Буря потопи лодките в пристанището, съседите си помагат',
    body: 'Рибарите от малкия град казват, че такава нощ още не са преживявали. Вятърът отнесе покривите, а водата нахлу по улиците. Кметът благодари на пожарникарите, които работиха до зори. Нито една лодка вече не е годна, но собствениците обещават скоро пак да излязат в морето. Децата в училището събират пари, за да помогнат на най-бедните семейства.',
  },
  fr: {
    title: 'La tempête a brisé les bateaux du port, les voisins s’entraident',
    body: 'Les pêcheurs de la petite ville disent n’avoir jamais vécu une telle nuit. Le vent a arraché les toits et l’eau s’est engouffrée dans les rues. Le maire a remercié les pompiers, qui ont travaillé jusqu’à l’aube. Aucun bateau n’est plus utilisable, mais les propriétaires promettent de reprendre bientôt la mer. À l’école, les élèves récoltent de l’argent pour aider les familles les plus pauvres. Les dégâts sont visibles partout.',
  },
  de: {
    title: 'Sturm zerschlägt Boote im Hafen – Nachbarn helfen',
    body: 'Die Fischer der kleinen Stadt sagen, eine solche Nacht hätten sie noch nie erlebt. Der Wind riss Dächer ab, und das Wasser drang in die Straßen. Die Bürgermeisterin dankte den Feuerwehrleuten, die bis zum Morgengrauen arbeiteten. Keines der Boote ist noch brauchbar, doch die Eigentümer wollen bald wieder hinausfahren. In der Schule sammeln die Schüler Geld für die ärmsten Familien. Überall sind die Schäden zu sehen.',
  },
  es: {
    title: 'La tormenta destrozó las barcas del puerto; los vecinos se ayudan',
    body: 'Los pescadores del pequeño pueblo dicen que jamás vivieron una noche así. El viento arrancó los tejados y el agua inundó las calles. La alcaldesa agradeció el trabajo de los bomberos hasta el amanecer. Ninguna embarcación sirve ya, pero los dueños prometen que mañana volverán al mar. ¿Quién ayudará a las familias más pobres? Los niños están recogiendo dinero en la escuela.',
  },
  en: {
    title: 'Storm breaks boats in the harbour – “we’ll sail again,” say neighbours',
    body: 'The fishermen of the small town say they have never lived through such a night. The wind tore off roofs and the water rushed into the streets. The mayor thanked the firefighters, who worked until dawn. None of the boats can be used any more, but the owners promise they’ll soon go out to sea again. At the school, children are collecting money – £300 so far – for the poorest families. It’s a café that keeps everyone warm.',
  },
  el: {
    title: 'Η καταιγίδα κατέστρεψε τις βάρκες στο λιμάνι, οι γείτονες βοηθούν',
    body: 'Οι ψαράδες της μικρής πόλης λένε ότι τέτοια νύχτα δεν έχουν ξαναζήσει. Ο άνεμος ξήλωσε στέγες και το νερό όρμησε στους δρόμους. Ο δήμαρχος ευχαρίστησε τους πυροσβέστες, που δούλεψαν ως την αυγή. Καμία βάρκα δεν είναι πια χρήσιμη, αλλά οι ιδιοκτήτες υπόσχονται ότι σύντομα θα ξαναβγούν στη θάλασσα. Άλλοι μαζεύουν χρήματα για τις φτωχές οικογένειες.',
  },
  tr: {
    title: 'Fırtına limandaki tekneleri parçaladı, komşular yardımlaşıyor',
    body: 'Küçük kasabanın balıkçıları böyle bir gece yaşamadıklarını söylüyor. Rüzgâr çatıları uçurdu, su sokaklara doldu. Belediye başkanı, şafağa kadar çalışan itfaiyecilere teşekkür etti. Hiçbir tekne artık kullanılamıyor, ama sahipleri yakında yeniden denize açılacaklarına söz veriyor. Okulda çocuklar en yoksul aileler için para topluyor. İzler her yerde görülüyor, ışıklar hâlâ yanmıyor.',
  },
  he: {
    title: 'הסערה ניפצה את הסירות בנמל והשכנים עוזרים זה לזה',
    body: 'הדייגים של העיירה הקטנה אומרים שלילה כזה עוד לא חוו. הרוח תלשה גגות והמים פרצו אל הרחובות. ראש העיר הודה לכבאים שעבדו עד עלות השחר. אף סירה אינה ראויה עוד לשימוש, אבל הבעלים מבטיחים לצאת שוב לים בקרוב. בבית הספר אוספים הילדים כסף כדי לעזור למשפחות העניות ביותר.',
  },
  ar: {
    title: 'العاصفة حطمت القوارب في الميناء والجيران يساعد بعضهم بعضا',
    body: 'يقول صيادو المدينة الصغيرة إنهم لم يعيشوا ليلة كهذه من قبل. اقتلعت الريح الأسقف وتدفق الماء إلى الشوارع. شكر رئيس البلدية رجال الإطفاء الذين عملوا حتى الفجر. لم يعد أي قارب صالحا للاستعمال، لكن أصحابها يعدون بالعودة إلى البحر قريبا. في المدرسة يجمع الأطفال المال لمساعدة أفقر العائلات.',
  },
  lt: {
    title: 'Audra uoste sudaužė valtis, kaimynai padeda vieni kitiems',
    body: 'Mažo miestelio žvejai sako, kad tokios nakties dar nėra išgyvenę. Vėjas nuplėšė stogus, o vanduo užliejo gatves. Meras padėkojo ugniagesiams, kurie dirbo iki aušros. Nė viena valtis nebetinkama naudoti, bet savininkai žada greitai vėl išplaukti į jūrą. Mokykloje vaikai renka pinigus, kad padėtų neturtingiausioms šeimoms. Žala matoma visur, šviesos vis dar nėra.',
  },
  lv: {
    title: 'Vētra ostā sadragāja laivas, kaimiņi palīdz cits citam',
    body: 'Mazās pilsētas zvejnieki saka, ka tādu nakti vēl nav piedzīvojuši. Vējš norāva jumtus, un ūdens ieplūda ielās. Mērs pateicās ugunsdzēsējiem, kuri strādāja līdz rītausmai. Neviena laiva vairs nav lietojama, bet īpašnieki sola drīz atkal doties jūrā. Skolā bērni vāc naudu, lai palīdzētu nabadzīgākajām ģimenēm.',
  },
  vi: {
    title: 'Bão phá hỏng thuyền trong cảng, hàng xóm giúp nhau',
    body: 'Ngư dân của thị trấn nhỏ nói rằng họ chưa bao giờ trải qua một đêm như thế. Gió giật tung mái nhà và nước tràn vào đường phố. Thị trưởng cảm ơn lính cứu hỏa đã làm việc đến bình minh. Không chiếc thuyền nào còn dùng được, nhưng chủ thuyền hứa sẽ sớm ra khơi trở lại. Ở trường, trẻ em quyên tiền giúp những gia đình nghèo nhất.',
  },
  ja: {
    title: '嵐が港の船を壊し、住民たちが助け合っている',
    body: '小さな町の漁師たちは、このような夜は初めてだと話している。風が屋根をはがし、水が通りに流れ込んだ。町長は夜明けまで働いた消防士に感謝の言葉を述べた。使える船はもう一隻もないが、持ち主たちはすぐにまた海へ出ると約束している。学校では子どもたちが、最も貧しい家族のためにお金を集めている。電気はまだ戻っていない。カメラを持った記者も来た。',
  },
  ko: {
    title: '폭풍이 항구의 배를 부수자 이웃들이 서로 돕고 있다',
    body: '작은 마을의 어부들은 이런 밤은 처음이라고 말한다. 바람이 지붕을 뜯어냈고 물이 거리로 밀려들었다. 시장은 새벽까지 일한 소방관들에게 감사의 뜻을 전했다. 쓸 수 있는 배는 이제 한 척도 없지만 주인들은 곧 다시 바다로 나가겠다고 약속했다. 학교에서는 아이들이 가장 가난한 가족을 돕기 위해 돈을 모으고 있다.',
  },
  zh: {
    title: '风暴毁坏港口的渔船，邻居们互相帮助',
    body: '这个小镇的渔民说，他们从来没有经历过这样的夜晚。大风掀掉了屋顶，海水涌进了街道。市长感谢一直工作到天亮的消防员。已经没有一条船可以使用，但是船主们保证很快会再次出海。学校里的孩子们正在募捐，帮助最贫困的家庭。到处都能看到灾害留下的痕迹，电力还没有恢复。',
  },
  zht: {
    title: '風暴毀壞港口的漁船，鄰居們互相幫助',
    body: '這個小鎮的漁民說，他們從來沒有經歷過這樣的夜晚。大風掀掉了屋頂，海水湧進了街道。市長感謝一直工作到天亮的消防員。已經沒有一條船可以使用，但是船主們保證很快會再次出海。學校裡的孩子們正在募款，幫助最貧困的家庭。到處都能看到災害留下的痕跡，電力還沒有恢復。',
  },
};
