"""Well-known people and characters as they are written in Hangul and in Latin letters, by their
sound or otherwise (공자, Confucius).
"""

_TABLE = """
햄릿 = Hamlet
맥베스 = Macbeth
로미오 = Romeo
줄리엣 = Juliet
셰익스피어 = Shakespeare
윌리엄 셰익스피어 = William Shakespeare
폴로니어스 = Polonius
오필리아 = Ophelia
안중근 = An Jung-geun = Ahn Jung-geun = Ahn Joong-keun
윤동주 = Yun Dong-ju = Yoon Dong-joo
김소월 = Kim So-wol = Kim Sowol
한용운 = Han Yong-un = Han Yong-woon = Manhae
이육사 = Yi Yuk-sa = Lee Yuk-sa
이상 = Yi Sang
정몽주 = Jeong Mong-ju = Chung Mong-joo
이순신 = Yi Sun-sin = Lee Soon-shin
황진이 = Hwang Jini = Hwang Jin-i
세종 = Sejong
이방원 = Yi Bang-won
김구 = Kim Gu = Kim Koo
박정희 = Park Chung-hee
박근혜 = Park Geun-hye
이승만 = Syngman Rhee
김대중 = Kim Dae-jung
노무현 = Roh Moo-hyun
최치원 = Choe Chi-won = Choi Chi-won
한강 = Han Kang
박완서 = Park Wan-suh
박경리 = Pak Kyongni
김유정 = Kim Yu-jeong
이효석 = Lee Hyo-seok
김영랑 = Kim Yeong-nang
이상화 = Yi Sang-hwa
양사언 = Yang Sa-eon
정약용 = Jeong Yak-yong = Chong Yagyong
류시화 = Ryu Shi-hwa
유관순 = Yu Gwan-sun = Ryu Gwan-sun
백석 = Baek Seok
천상병 = Cheon Sang-byeong
도종환 = Do Jong-hwan
신영복 = Shin Young-bok
알베르트 아인슈타인 = Albert Einstein
아인슈타인 = Einstein
에이브러햄 링컨 = Abraham Lincoln
링컨 = Lincoln
니체 = Nietzsche
프리드리히 니체 = Friedrich Nietzsche
괴테 = Goethe
요한 볼프강 폰 괴테 = Johann Wolfgang von Goethe
데카르트 = Descartes
르네 데카르트 = René Descartes
루소 = Rousseau
장 자크 루소 = Jean-Jacques Rousseau
볼테르 = Voltaire
카뮈 = Camus
알베르 카뮈 = Albert Camus
사르트르 = Sartre
장폴 사르트르 = Jean-Paul Sartre
빅토르 위고 = Victor Hugo
생텍쥐페리 = Saint-Exupéry
앙투안 드 생텍쥐페리 = Antoine de Saint-Exupéry
파스칼 = Pascal
블레즈 파스칼 = Blaise Pascal
몽테뉴 = Montaigne
톨스토이 = Tolstoy
레프 톨스토이 = Leo Tolstoy
도스토옙스키 = Dostoevsky
표도르 도스토옙스키 = Fyodor Dostoevsky
체호프 = Chekhov
안톤 체호프 = Anton Chekhov
푸시킨 = Pushkin
알렉산드르 푸시킨 = Alexander Pushkin
고리키 = Gorky
소크라테스 = Socrates
플라톤 = Plato
아리스토텔레스 = Aristotle
키케로 = Cicero
세네카 = Seneca
호메로스 = Homer
호라티우스 = Horace
마르쿠스 아우렐리우스 = Marcus Aurelius
카이사르 = Caesar = Julius Caesar
율리우스 카이사르 = Julius Caesar
시저 = Caesar = Julius Caesar
에픽테토스 = Epictetus
간디 = Gandhi
마하트마 간디 = Mahatma Gandhi
타고르 = Tagore
라빈드라나트 타고르 = Rabindranath Tagore
처칠 = Churchill
윈스턴 처칠 = Winston Churchill
마틴 루터 킹 = Martin Luther King
넬슨 만델라 = Nelson Mandela
버락 오바마 = Barack Obama
존 F. 케네디 = John F. Kennedy
벤저민 프랭클린 = Benjamin Franklin
마크 트웨인 = Mark Twain
오스카 와일드 = Oscar Wilde
조지 버나드 쇼 = George Bernard Shaw
에밀리 디킨슨 = Emily Dickinson
윌리엄 워즈워스 = William Wordsworth
존 키츠 = John Keats
예이츠 = Yeats
월트 휘트먼 = Walt Whitman
로버트 프로스트 = Robert Frost
헤르만 헤세 = Hermann Hesse
프란츠 카프카 = Franz Kafka
헤밍웨이 = Hemingway
어니스트 헤밍웨이 = Ernest Hemingway
조지 오웰 = George Orwell
버지니아 울프 = Virginia Woolf
제인 오스틴 = Jane Austen
찰스 디킨스 = Charles Dickens
샬럿 브론테 = Charlotte Brontë
헨리 데이비드 소로 = Henry David Thoreau
랠프 월도 에머슨 = Ralph Waldo Emerson
헬렌 켈러 = Helen Keller
안네 프랑크 = Anne Frank
마더 테레사 = Mother Teresa = Saint Teresa
스티브 잡스 = Steve Jobs
빌 게이츠 = Bill Gates
워런 버핏 = Warren Buffett
월트 디즈니 = Walt Disney
토머스 에디슨 = Thomas Edison
아이작 뉴턴 = Isaac Newton
갈릴레오 갈릴레이 = Galileo Galilei
마리 퀴리 = Marie Curie
찰스 다윈 = Charles Darwin
프로이트 = Freud
지그문트 프로이트 = Sigmund Freud
카를 융 = Carl Jung
칼 마르크스 = Karl Marx
임마누엘 칸트 = Immanuel Kant
칸트 = Kant
쇼펜하우어 = Schopenhauer
헤겔 = Hegel
비트겐슈타인 = Wittgenstein = Ludwig Wittgenstein
하이데거 = Heidegger
키르케고르 = Kierkegaard
에리히 프롬 = Erich Fromm
빈센트 반 고흐 = Vincent van Gogh
파블로 피카소 = Pablo Picasso
베토벤 = Beethoven
모차르트 = Mozart
바흐 = Bach
미켈란젤로 = Michelangelo
레오나르도 다빈치 = Leonardo da Vinci
나폴레옹 = Napoleon
잔 다르크 = Jeanne d'Arc = Joan of Arc
세르반테스 = Cervantes
돈키호테 = Don Quixote
단테 = Dante
보르헤스 = Borges
네루다 = Neruda
무라카미 하루키 = Murakami Haruki = Haruki Murakami
노자 = Laozi = Lao Tzu
장자 = Zhuangzi
순자 = Xunzi
한비자 = Han Feizi
이백 = Li Bai
두보 = Du Fu
루쉰 = Lu Xun
조앤 롤링 = Joanne Rowling
셜록 홈스 = Sherlock Holmes
제인 에어 = Jane Eyre
다스 베이더 = Darth Vader
요다 = Yoda
간달프 = Gandalf
덤블도어 = Dumbledore
해리 포터 = Harry Potter
포레스트 검프 = Forrest Gump
오셀로 = Othello
이아고 = Iago
데스데모나 = Desdemona
프로스페로 = Prospero
포샤 = Portia
샤일록 = Shylock
퍽 = Puck
리어 = Lear
코델리아 = Cordelia
브루투스 = Brutus
캐시어스 = Cassius
마크 안토니 = Mark Antony
올리버 = Oliver
이슈메일 = Ishmael
바틀비 = Bartleby
율리시스 = Ulysses
퍼시 비시 셸리 = Percy Bysshe Shelley
윌리엄 블레이크 = William Blake
앨프리드 테니슨 = Alfred Tennyson
마르셀루스 = Marcellus
거트루드 = Gertrude
머큐시오 = Mercutio
제이퀴즈 = Jaques
오르시노 = Orsino
라이샌더 = Lysander
시드니 카턴 = Sydney Carton
앨저넌 = Algernon
사탄 = Satan
다윗 = David
모세 = Moses
예수 = Jesus
요한 = John
바울 = Paul
솔로몬 = Solomon
마태 = Matthew
랭보 = Rimbaud
보들레르 = Baudelaire
지드 = Gide
모파상 = Maupassant
스탕달 = Stendhal
발자크 = Balzac
몰리에르 = Molière
플로베르 = Flaubert
졸라 = Zola
라퐁텐 = La Fontaine
칼릴 지브란 = Kahlil Gibran
루미 = Rumi
데이비드 흄 = David Hume
존 로크 = John Locke
프랜시스 베이컨 = Francis Bacon
토머스 제퍼슨 = Thomas Jefferson
조지 워싱턴 = George Washington
엘리너 루스벨트 = Eleanor Roosevelt
시어도어 루스벨트 = Theodore Roosevelt
안데르센 = Andersen
그림 = Grimm
이솝 = Aesop
공자 = Confucius
맹자 = Mencius
주자 = Zhu Xi
부처 = Buddha
석가모니 = Buddha = Gautama
손자 = Sun Tzu = Sunzi
모택동 = Mao Zedong
장개석 = Chiang Kai-shek
주은래 = Zhou Enlai
노신 = Lu Xun
도연명 = Tao Yuanming
사마천 = Sima Qian
제갈량 = Zhuge Liang
관우 = Guan Yu
조조 = Cao Cao
진시황 = Qin Shi Huang
소동파 = Su Dongpo
왕양명 = Wang Yangming
달마 = Bodhidharma
혜능 = Huineng
임제 = Linji
풍신수길 = Toyotomi Hideyoshi
이등박문 = Ito Hirobumi
이소룡 = Bruce Lee
성룡 = Jackie Chan
장국영 = Leslie Cheung
임청하 = Brigitte Lin
오우삼 = John Woo
양조위 = Tony Leung
유덕화 = Andy Lau
양자경 = Michelle Yeoh
주성치 = Stephen Chow
이연걸 = Jet Li
서재필 = Philip Jaisohn
김대건 = Andrew Kim
안창호 = Dosan
정지용 = Jeong Ji-yong = Chong Chi-yong
이율곡 = Yulgok
이황 = Toegye
세종대왕 = King Sejong = Sejong the Great
정지훈 = Rain
박재상 = Psy
김남준 = RM = Rap Monster
민윤기 = Suga
권지용 = G-Dragon
백남준 = Nam June Paik
혜민 스님 = Haemin Sunim
베르길리우스 = Virgil
오비디우스 = Ovid
아우구스티누스 = Augustine = Saint Augustine
토마스 아퀴나스 = Thomas Aquinas
테렌티우스 = Terence
이사야 = Isaiah
야고보 = James
마태오 = Matthew
베드로 = Peter = Saint Peter
하와 = Eve
마리아 = Mary
전도자 = The Preacher
예카테리나 = Catherine
리처드 3세 = Richard III
헨리 5세 = Henry V
맥베스 부인 = Lady Macbeth
마녀들 = The Witches
어린 왕자 = The Little Prince
장발장 = Jean Valjean
배트맨 = Batman
조르바 = Zorba
하이네 = Heinrich Heine = Heine
한니발 = Hannibal
백설공주 = Snow White
안내원 = Tour Guide
이발사 = The Barber
손오공 = Sun Wukong = Monkey King
유모 = Nurse
성 프란치스코 = Saint Francis = Francis of Assisi
교황 프란치스코 = Pope Francis
달라이 라마 = Dalai Lama
나폴레옹 보나파르트 = Napoleon Bonaparte
콜럼버스 = Christopher Columbus
코페르니쿠스 = Copernicus
모어 = Thomas More
프란시스코 고야 = Francisco Goya
파라셀수스 = Paracelsus
헤로도토스 = Herodotus
플루타르코스 = Plutarch
아이소포스 = Aesop
사포 = Sappho
제논 = Zeno
탈레스 = Thales
헤라클레이토스 = Heraclitus
에피쿠로스 = Epicurus
피타고라스 = Pythagoras
데모크리토스 = Democritus
아르키메데스 = Archimedes
유클리드 = Euclid
리비우스 = Livy
마키아벨리 = Machiavelli
라로슈푸코 = La Rochefoucauld
"""

SAME = [
    (hangul, latin)
    for hangul, *every in (line.split(" = ") for line in _TABLE.split("\n") if line)
    for latin in every
]
HANGUL = list(dict.fromkeys(hangul for hangul, _ in SAME))
LATIN = list(dict.fromkeys(latin for _, latin in SAME))


def _people() -> dict[str, int]:
    """A number for each name: the same for all names of a person."""
    groups: list[set[str]] = []
    for pair in SAME:
        known = [group for group in groups if group & {*pair}]
        groups = [group for group in groups if group not in known]
        groups.append({*pair}.union(*known))
    return {name: number for number, group in enumerate(groups) for name in group}


PERSON = _people()
